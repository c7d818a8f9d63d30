-- Known lists, what was seen, and what of it is known (docs/domain.md, section 1). Times are milliseconds since the epoch.
-- Locations, series names and notes are sealed before they come here; nothing in this database opens them.

CREATE TABLE clock (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    seq bigint NOT NULL DEFAULT 0,
    retro_seq bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);
COMMENT ON TABLE clock IS 'orders all changes of entries: its row is locked until such a change commits';
INSERT INTO clock DEFAULT VALUES;

CREATE TABLE list_sources (
    list_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    format text NOT NULL,
    kind text NOT NULL CHECK (kind IN (
        'csam', 'child-exploitative', 'ncii-adult', 'self-reported-minor', 'other', 'known-good')),
    trust text NOT NULL CHECK (trust IN ('unverified', 'verified')),
    uses text[] NOT NULL CHECK (uses <@ ARRAY['match', 'notify', 'shield', 'export']),
    may_notify boolean NOT NULL DEFAULT false,
    may_notify_by text[] NOT NULL DEFAULT '{}' CHECK (NOT may_notify OR cardinality(may_notify_by) >= 2),
    entries bigint NOT NULL DEFAULT 0,
    created_at bigint NOT NULL
);

CREATE TABLE list_imports (
    import_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    list_id integer NOT NULL REFERENCES list_sources,
    file text NOT NULL,
    started_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    ended_at bigint,
    error text NOT NULL DEFAULT '',
    bytes bigint NOT NULL DEFAULT 0,
    lines bigint NOT NULL DEFAULT 0,
    read bigint NOT NULL DEFAULT 0,
    added bigint NOT NULL DEFAULT 0,
    changed bigint NOT NULL DEFAULT 0,
    held bigint NOT NULL DEFAULT 0
);
CREATE INDEX list_imports_list ON list_imports (list_id, import_id);

CREATE TABLE list_refusals (
    import_id bigint NOT NULL REFERENCES list_imports,
    reason text NOT NULL,
    lines bigint NOT NULL,
    PRIMARY KEY (import_id, reason)
);

CREATE TABLE list_bad_lines (
    import_id bigint NOT NULL REFERENCES list_imports,
    line bigint NOT NULL,
    col integer NOT NULL,
    reason text NOT NULL,
    evidence text NOT NULL,
    PRIMARY KEY (import_id, line, col)
);
COMMENT ON TABLE list_bad_lines IS 'the first bad lines of an import; list_refusals counts all';

CREATE TABLE members (
    member_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE
);
COMMENT ON TABLE members IS 'organisations that entries come from, through whichever list';

CREATE TABLE series (
    series_id bytea PRIMARY KEY,
    sealed bytea NOT NULL
);
COMMENT ON TABLE series IS 'blind ids and sealed names: a name can be that of a victim';

-- No foreign keys on the three tables that an import fills: they would halve its speed, and nothing is ever deleted from
-- what they would point to.
CREATE TABLE entries (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    changed_seq bigint NOT NULL,
    size bigint NOT NULL DEFAULT 0,
    member_id integer NOT NULL,
    generated boolean NOT NULL DEFAULT false,
    member_entry_id text NOT NULL,
    standing text NOT NULL DEFAULT 'unverified' CHECK (standing IN (
        'unverified', 'verified', 'disputed', 'held', 'withdrawn')),
    held text NOT NULL DEFAULT '',
    category text NOT NULL DEFAULT '',
    legality text NOT NULL DEFAULT 'unknown',
    act text NOT NULL DEFAULT 'unknown',
    age text NOT NULL DEFAULT 'unknown',
    series_id bytea NOT NULL DEFAULT '',
    note_key bytea NOT NULL DEFAULT '',
    note_sealed bytea NOT NULL DEFAULT '',
    UNIQUE (member_id, member_entry_id)
);
CREATE INDEX entries_changed ON entries (changed_seq, entry_id);
COMMENT ON COLUMN entries.category IS 'the source''s own word; legality, act and age are never derived from each other';
COMMENT ON COLUMN entries.held IS 'why it may cause no match, or empty';

CREATE TABLE entry_digests (
    entry_id bigint NOT NULL,
    algorithm text NOT NULL CHECK (
        (algorithm = 'md5' AND length(digest) = 16) OR (algorithm = 'sha1' AND length(digest) = 20)
        OR (algorithm IN ('sha256', 'pdq') AND length(digest) = 32)),
    digest bytea NOT NULL,
    PRIMARY KEY (entry_id, algorithm, digest)
);
COMMENT ON TABLE entry_digests IS 'a digest is never taken from an entry: the entry is withdrawn instead';

CREATE TABLE list_entries (
    entry_id bigint NOT NULL,
    list_id integer NOT NULL,
    PRIMARY KEY (entry_id, list_id)
);
COMMENT ON TABLE list_entries IS 'the lists that carry an entry; copies through three lists are still one entry';

CREATE VIEW entry_states AS
SELECT e.entry_id, e.changed_seq, e.size,
    e.held = '' AND e.standing NOT IN ('held', 'withdrawn') AND EXISTS (
        SELECT FROM list_entries le JOIN list_sources l USING (list_id)
        WHERE le.entry_id = e.entry_id AND 'match' = ANY (l.uses) AND l.kind <> 'known-good') AS live
FROM entries e;
COMMENT ON VIEW entry_states IS 'live: the entry may match now';

CREATE TABLE media (
    media_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    size bigint NOT NULL,
    seen_at bigint NOT NULL,
    duration real NOT NULL DEFAULT 0,
    width integer NOT NULL DEFAULT 0,
    height integer NOT NULL DEFAULT 0,
    sha256 bytea NOT NULL UNIQUE CHECK (length(sha256) = 32),
    sha1 bytea NOT NULL,
    md5 bytea NOT NULL,
    media_type text NOT NULL DEFAULT '',
    why text NOT NULL DEFAULT '',
    frames bytea NOT NULL DEFAULT ''
);
ALTER TABLE media ALTER COLUMN frames SET STORAGE EXTERNAL;
CREATE INDEX media_sha1 ON media (sha1);
CREATE INDEX media_md5 ON media (md5);
COMMENT ON COLUMN media.frames IS 'per frame: quality (1 byte), milliseconds (4 bytes, big-endian), eight PDQ forms of 32 bytes';

CREATE TABLE sightings (
    sha256 bytea NOT NULL,
    place bytea NOT NULL,
    first_seen bigint NOT NULL,
    last_seen bigint NOT NULL,
    sealed bytea NOT NULL,
    head_sha256 bytea NOT NULL DEFAULT '',
    etag text NOT NULL DEFAULT '',
    last_modified text NOT NULL DEFAULT '',
    PRIMARY KEY (sha256, place)
) WITH (fillfactor = 90);
COMMENT ON COLUMN sightings.place IS 'keyed HMAC of the url_id: tells places apart, leads nowhere';

CREATE TABLE matches (
    sha256 bytea NOT NULL,
    entry_id bigint NOT NULL REFERENCES entries,
    found_at bigint NOT NULL,
    distance smallint NOT NULL,
    turn smallint NOT NULL,
    quality smallint NOT NULL,
    band smallint NOT NULL,
    frames smallint NOT NULL,
    at real NOT NULL,
    near boolean NOT NULL,
    algorithm text NOT NULL,
    digest bytea NOT NULL,
    held text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'confirmed', 'refused', 'closed')),
    PRIMARY KEY (sha256, entry_id)
);
CREATE INDEX matches_entry ON matches (entry_id);
COMMENT ON TABLE matches IS 'a verdict belongs to (medium, entry), for all places past and future';

CREATE TABLE suppressions (
    sha256 bytea NOT NULL,
    entry_id bigint NOT NULL REFERENCES entries,
    why text NOT NULL,
    by_whom text NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (sha256, entry_id)
);
COMMENT ON TABLE suppressions IS 'pairs that people have refused: they match no more';

GRANT SELECT, INSERT, UPDATE ON clock, list_sources, list_imports, list_refusals, list_bad_lines, members, series, entries,
    entry_digests, list_entries, media, sightings, matches TO pisaura_hasher;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO pisaura_hasher;
GRANT SELECT ON suppressions, entry_states TO pisaura_hasher;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO pisaura_notices;
GRANT INSERT, UPDATE ON suppressions TO pisaura_notices;
GRANT UPDATE (state, held) ON matches TO pisaura_notices;
