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
