-- matches_that_count: matches of entries $1 at their places that count now, after (entry $2, medium $3, place $4)
SELECT m.sha256, s.place, s.sealed, m.entry_id, m.algorithm, m.distance, m.turn, m.near, s.last_seen / 1000.0::double precision
FROM matches m
CROSS JOIN LATERAL (SELECT place, sealed, last_seen FROM sightings x WHERE x.sha256 = m.sha256 OFFSET 0) s
WHERE m.entry_id = ANY ($1::bigint[]) AND (m.entry_id, m.sha256) >= ($2::bigint, $3::bytea)
    AND (m.entry_id, m.sha256, s.place) > ($2::bigint, $3::bytea, $4::bytea)
    AND m.held = '' AND m.state IN ('open', 'confirmed')
    AND NOT EXISTS (SELECT FROM suppressions r WHERE r.sha256 = m.sha256 AND r.entry_id = m.entry_id)
    AND (SELECT live FROM entry_states e WHERE e.entry_id = m.entry_id)
ORDER BY m.entry_id, m.sha256, s.place
LIMIT $5::integer
