-- covers: places without any match, from a medium on, for re-checks that cover the others
SELECT s.sealed, m.size, s.etag, s.head_sha256 FROM (
    SELECT sha256, place, sealed, etag, head_sha256 FROM sightings
    WHERE sha256 >= $1::bytea AND sealed <> '' ORDER BY sha256, place LIMIT 4 * $2::integer
) s
JOIN media m USING (sha256)
WHERE NOT EXISTS (SELECT FROM matches x WHERE x.sha256 = s.sha256)
LIMIT $2::integer
