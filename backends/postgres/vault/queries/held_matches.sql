-- held_matches: the next verdicts that guards hold, after (medium $1, entry $2)
SELECT m.sha256, m.entry_id AS entry, b.name || '/' || e.member_entry_id AS name, m.held, m.near, m.distance,
    (SELECT count(*) FROM sightings s WHERE s.sha256 = m.sha256) AS places, m.found_at
FROM matches m
JOIN entries e USING (entry_id)
JOIN members b USING (member_id)
WHERE m.held <> '' AND m.state = 'open' AND (m.sha256, m.entry_id) > ($1::bytea, $2::bigint)
ORDER BY m.sha256, m.entry_id
LIMIT $3::integer
