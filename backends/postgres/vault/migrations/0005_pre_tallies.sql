-- What matches add up to, kept as they happen, and frames that many videos show (docs/domain.md, sections 1 and 5). A site or host is
-- a keyed HMAC: it tells two apart and leads to none. What people and sources may change about an entry at any time (standing,
-- category, lists, series) is never copied here: it is joined when figures are read, so that it takes effect at once.

ALTER TABLE matches ADD COLUMN evidence bytea NOT NULL DEFAULT '';
COMMENT ON COLUMN matches.evidence IS 'frames of a video that agree, as msgpack of contracts.vault.Agreement';

CREATE TABLE entry_places (
    entry_id bigint NOT NULL,
    first_seen bigint NOT NULL,
    last_seen bigint NOT NULL,
    sha256 bytea NOT NULL,
    place bytea NOT NULL,
    site bytea NOT NULL,
    host bytea NOT NULL,
    country text NOT NULL,
    PRIMARY KEY (entry_id, sha256, place)
) WITH (fillfactor = 90);
COMMENT ON TABLE entry_places IS 'one row a match: what an entry explains where; country is that of the host when it was seen last';

CREATE TABLE entry_sites (
    entry_id bigint NOT NULL,
    first_seen bigint NOT NULL,
    last_seen bigint NOT NULL,
    site bytea NOT NULL,
    PRIMARY KEY (entry_id, site)
) WITH (fillfactor = 90);
COMMENT ON TABLE entry_sites IS 'sites of an entry, for floods';

CREATE TABLE entry_days (
    entry_id bigint NOT NULL,
    day integer NOT NULL,
    sha256 bytea NOT NULL,
    site bytea NOT NULL,
    host bytea NOT NULL,
    country text NOT NULL,
    PRIMARY KEY (day, entry_id, sha256, host, country)
);
COMMENT ON TABLE entry_days IS 'what was seen on a day (UTC, days since the epoch), once, however many places and however often';

CREATE INDEX entries_series ON entries (series_id, entry_id) WHERE series_id <> '';

CREATE VIEW counted_entries AS
SELECT e.entry_id, e.category, e.series_id, e.standing, k.kind
FROM entries e
JOIN entry_states s USING (entry_id)
CROSS JOIN LATERAL (
    SELECT CASE WHEN bool_and(l.kind = 'csam') THEN 'csam' ELSE 'child-exploitative' END AS kind, count(*) AS lists
    FROM list_entries le JOIN list_sources l USING (list_id)
    WHERE le.entry_id = e.entry_id AND le.state < 3 AND l.kind IN ('csam', 'child-exploitative')
) k
WHERE s.live AND k.lists > 0;
COMMENT ON VIEW counted_entries IS 'entries that are in the figures; where lists disagree on the kind, the lower one holds';

CREATE VIEW counted_pairs AS
SELECT m.sha256, m.entry_id, m.near, m.distance, m.state = 'confirmed' AS confirmed
FROM matches m
WHERE m.held = '' AND m.state <> 'refused'
    AND NOT EXISTS (SELECT FROM suppressions x WHERE x.sha256 = m.sha256 AND x.entry_id = m.entry_id);
COMMENT ON VIEW counted_pairs IS 'verdicts that are in the figures while their entries are';

CREATE TABLE frame_counts (
    digest bytea PRIMARY KEY,
    videos smallint NOT NULL DEFAULT 0,
    stopped boolean NOT NULL DEFAULT false,
    reviewed boolean NOT NULL DEFAULT false,
    entries bigint[] NOT NULL DEFAULT '{}'
);
CREATE INDEX frame_counts_unreviewed ON frame_counts (digest) WHERE stopped AND NOT reviewed;
COMMENT ON TABLE frame_counts IS 'known digests that frames of videos were near, and how many unrelated videos; entries: of those stopped';

CREATE TABLE frame_videos (
    digest bytea NOT NULL,
    sha256 bytea NOT NULL,
    duration real NOT NULL,
    frames bytea NOT NULL,
    PRIMARY KEY (digest, sha256)
);
ALTER TABLE frame_videos ALTER COLUMN frames SET STORAGE EXTERNAL;
COMMENT ON TABLE frame_videos IS 'the unrelated videos that were counted, with what tells whether another is related to them';

GRANT SELECT, INSERT, UPDATE ON entry_places, entry_sites, entry_days TO pisaura_notices;
GRANT SELECT ON entry_places, entry_sites, entry_days, counted_entries, counted_pairs TO pisaura_hasher;
GRANT SELECT ON counted_entries, counted_pairs, entry_states, frame_counts TO pisaura_notices;
GRANT SELECT, INSERT, UPDATE ON frame_counts TO pisaura_hasher;
GRANT SELECT, INSERT, DELETE ON frame_videos TO pisaura_hasher;
