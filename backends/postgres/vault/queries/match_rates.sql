-- match_rates: places, seen since $3, of what import $2 first brought to list $1, and of what else the list carries; up to $4 each
-- Of a list's first import: of what else all lists carry. `first` tells; what another list had brought before is not new.
WITH began AS (SELECT carried = 0 AS first FROM list_imports WHERE import_id = $2::bigint),
places AS (
    SELECT le.import_id IS NOT DISTINCT FROM $2::bigint AND NOT EXISTS (
            SELECT FROM list_entries o
            WHERE o.entry_id = m.entry_id AND o.list_id <> $1::integer AND o.state = 0 AND o.import_id < $2::bigint) AS new, s.place
    FROM matches m
    JOIN entries e ON e.entry_id = m.entry_id
    JOIN sightings s ON s.sha256 = m.sha256 AND s.last_seen >= $3::bigint
    LEFT JOIN list_entries le ON le.entry_id = m.entry_id AND le.list_id = $1::integer AND le.state = 0
    WHERE m.state IN ('open', 'confirmed') AND m.held = '' AND e.standing NOT IN ('held', 'withdrawn')
        AND (le.entry_id IS NOT NULL OR (SELECT first FROM began))
)
SELECT (SELECT first FROM began) AS first,
    (SELECT count(DISTINCT place) FROM (SELECT place FROM places WHERE new LIMIT $4::integer) n) AS new,
    (SELECT count(DISTINCT place) FROM (SELECT place FROM places WHERE NOT new LIMIT $4::integer) o) AS earlier
