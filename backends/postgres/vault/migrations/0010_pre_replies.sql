-- What comes back about notices (docs/domain.md, section 2): kind and time are plain, the rest is sealed under a key of its own,
-- which goes as soon as the key of any of its cases goes: a reply may quote the place.

CREATE TABLE replies (
    reply_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at bigint NOT NULL,
    kept_at bigint NOT NULL,
    carried_at bigint,
    notice_id bigint,
    discarded bigint NOT NULL DEFAULT 0,
    kind text NOT NULL CHECK (kind IN ('bounce', 'removed', 'question', 'appeal', 'auto', 'other')),
    status text NOT NULL DEFAULT '',
    key bytea NOT NULL UNIQUE,
    sealed bytea NOT NULL
);
COMMENT ON TABLE replies IS 'what came back about notices';
COMMENT ON COLUMN replies.notice_id IS 'the notice that it names; NULL if it names none of ours';
COMMENT ON COLUMN replies.key IS 'the same when the same reply is read again';
COMMENT ON COLUMN replies.carried_at IS 'when its cases heard of it';
COMMENT ON COLUMN replies.discarded IS 'octets that were thrown away unread';
COMMENT ON COLUMN replies.sealed IS 'sender, subject and text under the key in reply_keys';
CREATE INDEX replies_waiting ON replies (reply_id) WHERE carried_at IS NULL AND notice_id IS NOT NULL;
CREATE INDEX replies_notice ON replies (notice_id);
CREATE INDEX replies_kept ON replies (kept_at);

CREATE TABLE reply_cases (
    reply_id bigint NOT NULL REFERENCES replies ON DELETE CASCADE,
    case_id bigint NOT NULL,
    PRIMARY KEY (reply_id, case_id)
);
COMMENT ON TABLE reply_cases IS 'the cases of the notice that a reply names, as they were when it came';
CREATE INDEX reply_cases_case ON reply_cases (case_id);

CREATE TABLE reply_keys (
    reply_id bigint PRIMARY KEY REFERENCES replies ON DELETE CASCADE,
    wrapped bytea NOT NULL
);
COMMENT ON TABLE reply_keys IS 'each reply''s key, sealed to the notices role; backups that are kept long leave this table out';

CREATE FUNCTION case_key_gone() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    DELETE FROM reply_keys WHERE reply_id IN (SELECT reply_id FROM reply_cases WHERE case_id = OLD.case_id);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION case_key_gone() IS 'who destroys a case''s key destroys the text of what was answered about it';
CREATE TRIGGER case_key_gone AFTER DELETE ON case_keys FOR EACH ROW EXECUTE FUNCTION case_key_gone();
CREATE TRIGGER case_key_emptied AFTER UPDATE OF wrapped ON case_keys FOR EACH ROW WHEN (NEW.wrapped = '')
    EXECUTE FUNCTION case_key_gone();

GRANT SELECT, INSERT, UPDATE, DELETE ON replies, reply_cases, reply_keys TO pisaura_notices;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO pisaura_notices;
