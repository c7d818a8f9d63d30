-- Lists that are synchronised, and what organisations say of their entries (docs/domain.md, section 1). Times are milliseconds.

ALTER TABLE list_sources
    ADD COLUMN location text NOT NULL DEFAULT '',
    ADD COLUMN mapping text NOT NULL DEFAULT '',
    ADD COLUMN credentials text NOT NULL DEFAULT '',
    ADD COLUMN cursor bytea NOT NULL DEFAULT '\x',
    ADD COLUMN says boolean NOT NULL DEFAULT false,
    ADD COLUMN judged boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN list_sources.credentials IS 'the path of a file, never what is in it';
COMMENT ON COLUMN list_sources.cursor IS 'where the last drained range of the source ended';
COMMENT ON COLUMN list_sources.says IS 'whether it ever brought opinions: what it says no more is then taken back';
COMMENT ON COLUMN list_sources.judged IS 'false while its entries are judged anew, for its trust or uses changed';

ALTER TABLE list_imports
    ADD COLUMN deleted bigint NOT NULL DEFAULT 0,
    ADD COLUMN carried bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN list_imports.carried IS 'entries of the list when the import began: what a deletion is a share of';

-- What a list says of its entries. `record` is a checksum of its last word, so that a sync that repeats it is cheap.
ALTER TABLE list_entries
    ADD COLUMN state smallint NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
    ADD COLUMN import_id bigint NOT NULL DEFAULT 0,
    ADD COLUMN record bigint NOT NULL DEFAULT 0;
CREATE INDEX list_entries_going ON list_entries (list_id, entry_id) WHERE state IN (1, 2);
CREATE INDEX list_entries_import ON list_entries USING brin (import_id) WITH (pages_per_range = 16, autosummarize = on);
COMMENT ON COLUMN list_entries.state IS '0 carried, 1 deleted by a sync that has not ended, 2 by one that deleted too much, 3 gone';
COMMENT ON COLUMN list_entries.import_id IS 'the import that it came with, or came back with';

ALTER TABLE entries ADD COLUMN media text NOT NULL DEFAULT '';
CREATE INDEX entries_held ON entries (entry_id, held) WHERE held <> '';
COMMENT ON COLUMN entries.held IS 'the leading reason why it is held, or empty; holds and list_entries have all';

ALTER TABLE entry_digests
    ADD COLUMN list_id integer NOT NULL DEFAULT 0,
    ADD COLUMN also integer[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN entry_digests.list_id IS 'the list that gave it first, or the first verified one that did';
COMMENT ON COLUMN entry_digests.also IS 'other lists that gave it: a list is exported with its own digests only';
UPDATE entry_digests d SET list_id = le.list_id FROM list_entries le WHERE le.entry_id = d.entry_id;

CREATE INDEX entry_digests_digest ON entry_digests USING hash (digest);

CREATE TABLE holds (
    entry_id bigint NOT NULL,
    reason text NOT NULL,
    why text NOT NULL DEFAULT '',
    at bigint NOT NULL,
    released_at bigint,
    PRIMARY KEY (entry_id, reason)
);
COMMENT ON TABLE holds IS 'a reason that two people have released never holds the entry again';

CREATE TABLE entry_opaque (
    entry_id bigint NOT NULL,
    name text NOT NULL,
    value bytea NOT NULL,
    PRIMARY KEY (entry_id, name, value)
);
COMMENT ON TABLE entry_opaque IS 'digests that are kept and handed on, never matched';

CREATE TABLE variants (
    entry_id bigint NOT NULL,
    parent_id bigint NOT NULL,
    PRIMARY KEY (entry_id, parent_id)
);
COMMENT ON TABLE variants IS 'entries of our own: a near match that people have confirmed, with the entry that it resembles';

CREATE TABLE opinions (
    entry_id bigint NOT NULL,
    organisation text NOT NULL,
    list_id integer NOT NULL DEFAULT 0,
    verdict text NOT NULL CHECK (verdict IN ('confirm', 'dispute', 'withdraw')),
    why text NOT NULL DEFAULT '',
    person text NOT NULL DEFAULT '',
    said_at bigint NOT NULL,
    PRIMARY KEY (entry_id, organisation, list_id)
);
COMMENT ON TABLE opinions IS 'the last word of each organisation, by the list that handed it on (0: a person here); the organisation '''' is ourselves';

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
CREATE INDEX entry_events_people ON entry_events (event_id) WHERE person <> '';
COMMENT ON TABLE entry_events IS 'what became of an entry, and who said what; lines are only ever added';

CREATE INDEX entry_events_at ON entry_events USING brin (at) WITH (autosummarize = on);

CREATE TABLE changes (
    seq bigint PRIMARY KEY,
    at bigint NOT NULL
);
COMMENT ON TABLE changes IS 'when each change of entries was made';

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

CREATE INDEX matches_found ON matches (found_at);

-- Asked entry by entry: with EXISTS the planner may hash all that lists carry, to answer for a page of entries.
CREATE OR REPLACE VIEW entry_states AS
SELECT e.entry_id, e.changed_seq, e.size,
    e.standing NOT IN ('held', 'withdrawn') AND coalesce((
        SELECT true FROM list_entries le JOIN list_sources l USING (list_id)
        WHERE le.entry_id = e.entry_id AND le.state = 0 AND 'match' = ANY (l.uses)
            AND l.kind IN ('csam', 'child-exploitative')
        LIMIT 1), false) AS live
FROM entries e;

GRANT SELECT, INSERT, UPDATE ON entry_opaque, holds, changes, requests TO pisaura_hasher;
GRANT DELETE ON opinions, holds TO pisaura_hasher;
GRANT SELECT ON variants TO pisaura_hasher;
GRANT SELECT, INSERT, UPDATE ON opinions TO pisaura_hasher;
GRANT SELECT, INSERT ON entry_events TO pisaura_hasher, pisaura_notices;
GRANT UPDATE ON SEQUENCE entries_entry_id_seq TO pisaura_hasher, pisaura_notices;
GRANT SELECT ON entry_opaque, opinions, requests, holds, variants, changes TO pisaura_notices;
-- Holds of floods, and near matches that people confirm, are written by notices.
GRANT UPDATE (seq) ON clock TO pisaura_notices;
GRANT INSERT, UPDATE ON entries, list_entries, holds TO pisaura_notices;
GRANT INSERT ON members, list_sources, series, entry_digests, variants, changes TO pisaura_notices;
GRANT UPDATE (entries, says) ON list_sources TO pisaura_notices;
GRANT UPDATE (list_id, also) ON entry_digests TO pisaura_notices;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO pisaura_hasher, pisaura_notices;
