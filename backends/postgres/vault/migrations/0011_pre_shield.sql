-- What providers ask (docs/domain.md, section 4: "Shield is not an oracle"). No digest, URL or medium of a provider is in any table:
-- of a match only key, entry, time and request, for 30 days. Times are milliseconds, days count from the epoch.

CREATE TABLE shield_matches (
    account bigint NOT NULL,
    entry_id bigint NOT NULL,
    at bigint NOT NULL,
    request text NOT NULL,
    PRIMARY KEY (request, entry_id)
);
COMMENT ON TABLE shield_matches IS 'what a key was told: rows go after 30 days';
CREATE INDEX shield_matches_at ON shield_matches (at);

CREATE TABLE shield_days (
    account bigint NOT NULL,
    day integer NOT NULL,
    questions bigint NOT NULL,
    near bigint NOT NULL,
    PRIMARY KEY (account, day)
) WITH (fillfactor = 50);
COMMENT ON COLUMN shield_days.near IS 'entries told of as near, each once while a process remembers';

CREATE TABLE shield_secrets (
    account bigint PRIMARY KEY,
    secret bytea NOT NULL CHECK (length(secret) = 32)
);
COMMENT ON TABLE shield_secrets IS 'by which a key''s pseudonyms of entries are made: no two keys can compare theirs';

CREATE TABLE shield_opinions (
    opinion_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account bigint NOT NULL,
    name text NOT NULL,
    entry_id bigint NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('confirm', 'dispute')),
    reason text NOT NULL,
    at bigint NOT NULL,
    done_at bigint
);
COMMENT ON TABLE shield_opinions IS 'what providers say, on its way to opinions: Shield itself can change no entry';
CREATE INDEX shield_opinions_open ON shield_opinions (opinion_id) WHERE done_at IS NULL;

CREATE TABLE shield_suspensions (
    account bigint NOT NULL,
    entry_id bigint NOT NULL,
    at bigint NOT NULL,
    lifted_at bigint,
    lifted_by text NOT NULL DEFAULT '',
    why text NOT NULL DEFAULT '',
    PRIMARY KEY (account, at)
);
COMMENT ON TABLE shield_suspensions IS 'keys that have circled an entry: they hear of near matches no more until people lift it';
CREATE INDEX shield_suspensions_open ON shield_suspensions (account) WHERE lifted_at IS NULL;

-- Asked entry by entry, as entry_states is. Where lists disagree on the kind, the lower one counts.
CREATE VIEW shield_states AS
SELECT s.entry_id, s.changed_seq, s.size, s.media, s.legality, s.kind, s.kind IS NOT NULL AND s.standing NOT IN ('held', 'withdrawn') AS live
FROM (
    SELECT e.entry_id, e.changed_seq, e.size, e.media, e.legality, e.standing, (
        SELECT l.kind FROM list_entries le JOIN list_sources l USING (list_id)
        WHERE le.entry_id = e.entry_id AND le.state = 0 AND 'shield' = ANY (l.uses) AND l.kind <> 'known-good'
        ORDER BY array_position(ARRAY['csam', 'child-exploitative', 'ncii-adult', 'self-reported-minor', 'other'], l.kind) DESC
        LIMIT 1) AS kind
    FROM entries e
) s;
COMMENT ON VIEW shield_states IS 'live: the entry may answer providers now';

CREATE VIEW shield_disclosed AS
SELECT d.entry_id, d.algorithm, d.digest
FROM entry_digests d
WHERE d.algorithm IN ('sha1', 'sha256') AND EXISTS (
    SELECT FROM list_sources l JOIN list_entries le ON le.list_id = l.list_id AND le.entry_id = d.entry_id AND le.state = 0
    WHERE (l.list_id = d.list_id OR l.list_id = ANY (d.also)) AND l.uses @> ARRAY['shield', 'export']);
COMMENT ON VIEW shield_disclosed IS 'digests that a source''s terms (use export) allow to hand on to providers';

CREATE VIEW shield_good AS
SELECT d.entry_id, d.algorithm, d.digest
FROM entry_digests d
WHERE EXISTS (
    SELECT FROM list_entries le JOIN list_sources l USING (list_id)
    WHERE le.entry_id = d.entry_id AND le.state <> 3 AND l.kind = 'known-good');
COMMENT ON VIEW shield_good IS 'digests of files that are known to be harmless';

-- Shield reads what it answers by, and neither what was seen nor who carries what; it changes no entry.
GRANT SELECT ON shield_states, shield_disclosed, shield_good, entry_digests, accounts TO pisaura_shield;
GRANT SELECT (singleton, seq) ON clock TO pisaura_shield;
GRANT SELECT (entry_id, changed_seq) ON entries TO pisaura_shield;
GRANT SELECT (sha256, entry_id) ON suppressions TO pisaura_shield;
GRANT SELECT (digest, stopped) ON frame_counts TO pisaura_shield;
GRANT SELECT, INSERT, DELETE ON index_snapshots TO pisaura_shield;
GRANT SELECT, INSERT, DELETE ON shield_matches TO pisaura_shield;
GRANT SELECT, INSERT, UPDATE, DELETE ON shield_days TO pisaura_shield;
GRANT SELECT, INSERT ON shield_secrets TO pisaura_shield;
GRANT INSERT ON shield_opinions TO pisaura_shield;
GRANT SELECT (account, entry_id, at, lifted_at), INSERT ON shield_suspensions TO pisaura_shield;
GRANT USAGE ON SEQUENCE shield_opinions_opinion_id_seq TO pisaura_shield;
GRANT SELECT, UPDATE (done_at) ON shield_opinions TO pisaura_hasher;
GRANT SELECT, DELETE ON shield_opinions, shield_matches, shield_days TO pisaura_notices;
GRANT SELECT ON shield_suspensions TO pisaura_notices;
GRANT UPDATE (lifted_at, lifted_by, why) ON shield_suspensions TO pisaura_notices;
