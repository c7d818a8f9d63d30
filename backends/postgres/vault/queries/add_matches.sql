-- add_matches: keep verdicts by (medium, entry); newer evidence replaces, what people decided stays; whether each is new
INSERT INTO matches (sha256, entry_id, found_at, algorithm, digest, distance, turn, quality, at, frames, near, band, held,
    evidence)
SELECT k.* FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::text[], $5::bytea[], $6::smallint[], $7::smallint[],
    $8::smallint[], $9::real[], $10::smallint[], $11::boolean[], $12::smallint[], $13::text[], $14::bytea[])
    k (sha256, entry_id, found_at, algorithm, digest, distance, turn, quality, at, frames, near, band, held, evidence)
WHERE NOT EXISTS (SELECT FROM suppressions s WHERE s.sha256 = k.sha256 AND s.entry_id = k.entry_id)
ON CONFLICT (sha256, entry_id) DO UPDATE SET algorithm = excluded.algorithm, digest = excluded.digest,
    distance = excluded.distance, turn = excluded.turn, quality = excluded.quality, at = excluded.at,
    frames = excluded.frames, near = excluded.near, band = excluded.band, evidence = excluded.evidence,
    held = CASE WHEN matches.released THEN ''
        WHEN matches.held = 'stop_frame' OR (matches.held = '' AND matches.state = 'open') THEN excluded.held
        ELSE matches.held END
WHERE (matches.algorithm, matches.digest, matches.distance, matches.turn, matches.near, matches.band,
    matches.evidence)
    IS DISTINCT FROM
    (excluded.algorithm, excluded.digest, excluded.distance, excluded.turn, excluded.near, excluded.band,
    excluded.evidence)
    OR matches.held = 'stop_frame' OR (matches.held = '' AND matches.state = 'open' AND NOT matches.released AND excluded.held <> '')
RETURNING xmax = 0 AS new
