-- Lists that are synchronised, and what organisations say of their entries (docs/domain.md, section 1). Times are milliseconds.

ALTER TABLE list_sources
    ADD COLUMN location text NOT NULL DEFAULT '',
    ADD COLUMN mapping text NOT NULL DEFAULT '',
    ADD COLUMN credentials text NOT NULL DEFAULT '',
    ADD COLUMN cursor bytea NOT NULL DEFAULT '\x';
COMMENT ON COLUMN list_sources.credentials IS 'the path of a file, never what is in it';
COMMENT ON COLUMN list_sources.cursor IS 'where the last drained range of the source ended';

ALTER TABLE list_imports ADD COLUMN deleted bigint NOT NULL DEFAULT 0;

-- What a list says of its entries: whether it has taken one back, and with which import it came and went.
ALTER TABLE list_entries
    ADD COLUMN import_id bigint NOT NULL DEFAULT 0,
    ADD COLUMN deleted_by bigint NOT NULL DEFAULT 0;

ALTER TABLE entries
    ADD COLUMN media text NOT NULL DEFAULT '',
    ADD COLUMN released text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN entries.released IS 'reasons to hold it that two people have looked at: none of them holds it again';

CREATE TABLE entry_opaque (
    entry_id bigint NOT NULL,
    name text NOT NULL,
    value bytea NOT NULL,
    PRIMARY KEY (entry_id, name, value)
);
COMMENT ON TABLE entry_opaque IS 'digests that are kept and handed on, never matched';

CREATE TABLE opinions (
    entry_id bigint NOT NULL,
    organisation text NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('confirm', 'dispute', 'withdraw')),
    why text NOT NULL DEFAULT '',
    person text NOT NULL DEFAULT '',
    said_at bigint NOT NULL,
    PRIMARY KEY (entry_id, organisation)
);
COMMENT ON TABLE opinions IS 'the last word of each organisation; entry_events has them all';

CREATE TABLE entry_events (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry_id bigint NOT NULL,
    at bigint NOT NULL,
    what text NOT NULL,
    organisation text NOT NULL DEFAULT '',
    person text NOT NULL DEFAULT '',
    why text NOT NULL DEFAULT ''
);
CREATE INDEX entry_events_entry ON entry_events (entry_id, event_id);
COMMENT ON TABLE entry_events IS 'what became of an entry, and who said what; lines are only ever added';

CREATE TABLE requests (
    request_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    act text NOT NULL,
    subject text NOT NULL,
    why text NOT NULL DEFAULT '',
    person text NOT NULL,
    uid bigint NOT NULL,
    machine text NOT NULL,
    at bigint NOT NULL,
    done_at bigint
);
CREATE INDEX requests_open ON requests (act, subject) WHERE done_at IS NULL;
COMMENT ON TABLE requests IS 'acts that take two people: one row a person';

GRANT SELECT, INSERT, UPDATE ON entry_opaque, opinions, requests TO pisaura_hasher;
GRANT SELECT, INSERT ON entry_events TO pisaura_hasher, pisaura_notices;
GRANT SELECT ON entry_opaque, opinions, requests TO pisaura_notices;
