-- Who may do what, and who did it (docs/domain.md, sections 2 and 4): accounts, and the audit as a chain. Times of accounts are
-- milliseconds; those of the audit stay timestamps.

CREATE TABLE accounts (
    account_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    created_at bigint NOT NULL,
    revoked_at bigint,
    name text NOT NULL CHECK (name <> ''),
    role text NOT NULL CHECK (role IN ('viewer', 'analyst', 'supervisor', 'operator', 'auditor', 'provider')),
    login text NOT NULL UNIQUE,
    salt bytea NOT NULL CHECK (length(salt) >= 16),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    grants text[] NOT NULL DEFAULT '{}',
    created_by text NOT NULL,
    revoked_by text NOT NULL DEFAULT ''
);
COMMENT ON TABLE accounts IS 'people and providers; a revoked account stays, for what was done by it';
COMMENT ON COLUMN accounts.hash IS 'scrypt of a password that was drawn, never chosen';
CREATE UNIQUE INDEX accounts_name ON accounts (name) WHERE revoked_at IS NULL;

GRANT SELECT ON accounts TO pisaura_hasher, pisaura_notices;
GRANT INSERT ON accounts TO pisaura_notices;
GRANT UPDATE (revoked_at, revoked_by) ON accounts TO pisaura_notices;
GRANT USAGE ON SEQUENCE accounts_account_id_seq TO pisaura_notices;

-- The audit as a chain (contracts.auditing): each line is bound to the one before it by a key that is kept outside the database. The
-- database itself takes no line that does not follow the last, and lets go of none but by cut_audit.
ALTER TABLE audit
    ALTER COLUMN seq DROP IDENTITY,
    ADD COLUMN account bigint NOT NULL DEFAULT 0,
    ADD COLUMN person_role text NOT NULL DEFAULT '',
    ADD COLUMN subject text NOT NULL DEFAULT '',
    ADD COLUMN previous bytea NOT NULL DEFAULT '',
    ADD COLUMN mac bytea NOT NULL DEFAULT '';
COMMENT ON COLUMN audit.role IS 'the database''s role, by its own word';
COMMENT ON COLUMN audit.person_role IS 'the role of the person''s account, or service';
COMMENT ON COLUMN audit.mac IS 'HMAC-SHA256 over the MAC before it and this line; empty in lines from before there was a chain';
CREATE INDEX audit_person ON audit (person, at);
CREATE INDEX audit_at ON audit (at);

CREATE FUNCTION audit_append() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last_seq bigint; last_mac bytea;
BEGIN
    SELECT seq, mac INTO last_seq, last_mac FROM public.audit ORDER BY seq DESC LIMIT 1;
    IF NEW.seq <> coalesce(last_seq, 0) + 1 OR NEW.previous <> coalesce(last_mac, '') OR length(NEW.mac) <> 32 THEN
        RAISE EXCEPTION 'a line of the audit must follow the last one';
    END IF;
    IF abs(extract(epoch FROM NEW.at - clock_timestamp())) > 60 THEN
        RAISE EXCEPTION 'a line of the audit is written when it happens';
    END IF;
    NEW.role := session_user;
    NEW.address := inet_client_addr();
    RETURN NEW;
END $$;
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND coalesce(current_setting('pisaura.cut', true), '') = 'audit' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'lines of the audit are only ever added';
END $$;
CREATE TRIGGER audit_append BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_append();
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_whole BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

CREATE FUNCTION cut_audit(upto bigint, most integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE gone bigint;
BEGIN
    PERFORM set_config('pisaura.cut', 'audit', true);
    DELETE FROM audit WHERE seq IN (
        SELECT seq FROM audit WHERE seq <= upto AND at < clock_timestamp() - interval '30 days' ORDER BY seq LIMIT most);
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM set_config('pisaura.cut', '', true);
    RETURN gone;
END $$;
COMMENT ON FUNCTION cut_audit IS 'for retention: takes lines away from the beginning, never one of the last 30 days';
CREATE FUNCTION revealed_since(who text, whose bigint, since timestamptz) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce(sum(places), 0)::bigint FROM audit WHERE person = who AND account = whose AND at >= since;
$$;
COMMENT ON FUNCTION revealed_since IS 'for roles that may add lines and read none: places that somebody was shown';
REVOKE ALL ON FUNCTION cut_audit, revealed_since FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cut_audit TO pisaura_notices;
GRANT EXECUTE ON FUNCTION revealed_since TO pisaura_hasher, pisaura_notices;
GRANT INSERT (seq, at, account, person_role, subject, previous, mac) ON audit TO pisaura_hasher, pisaura_notices;
GRANT SELECT (seq, mac) ON audit TO pisaura_hasher;
GRANT SELECT ON audit TO pisaura_notices;

-- Rotation of keys seals anew; retention deletes, and locks media first so that none is seen again meanwhile.
GRANT UPDATE (sealed) ON series TO pisaura_notices;
GRANT DELETE ON media TO pisaura_notices;
GRANT UPDATE (seen_at) ON media TO pisaura_notices;
