-- add_sightings: keep places by (medium, place); first and last time grow apart, what describes the file is the newest
INSERT INTO sightings (sha256, place, first_seen, last_seen, sealed, head_sha256, etag, last_modified)
SELECT sha256, place, seen, seen, sealed, head, etag, modified
FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bytea[], $5::bytea[], $6::text[], $7::text[])
    k (sha256, place, seen, sealed, head, etag, modified)
ON CONFLICT (sha256, place) DO UPDATE SET
    first_seen = least(sightings.first_seen, excluded.first_seen),
    last_seen = greatest(sightings.last_seen, excluded.last_seen),
    head_sha256 = CASE WHEN excluded.last_seen > sightings.last_seen THEN excluded.head_sha256 ELSE sightings.head_sha256 END,
    etag = CASE WHEN excluded.last_seen > sightings.last_seen THEN excluded.etag ELSE sightings.etag END,
    last_modified = CASE
        WHEN excluded.last_seen > sightings.last_seen THEN excluded.last_modified ELSE sightings.last_modified END
WHERE excluded.last_seen > sightings.last_seen OR excluded.first_seen < sightings.first_seen
