-- match_rates: places, seen since $3, of what import $2 brought to list $1 and of the list's other entries; counted up to $4
WITH places AS (
    SELECT le.import_id = $2::bigint AS new, s.place
    FROM matches m
    JOIN list_entries le ON le.entry_id = m.entry_id AND le.list_id = $1::integer
    JOIN entries e ON e.entry_id = m.entry_id
    JOIN sightings s ON s.sha256 = m.sha256 AND s.last_seen >= $3::bigint
    WHERE m.state IN ('open', 'confirmed') AND m.held = '' AND le.state = 0 AND e.standing NOT IN ('held', 'withdrawn')
)
SELECT (SELECT count(DISTINCT place) FROM (SELECT place FROM places WHERE new LIMIT $4::integer) n) AS new,
    (SELECT count(DISTINCT place) FROM (SELECT place FROM places WHERE NOT new LIMIT $4::integer) o) AS earlier
