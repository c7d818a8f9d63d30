-- matching_imports: imports of the last day that brought entries, changed in ($1, $2], with matches found since $3
SELECT DISTINCT le.list_id, le.import_id
FROM matches m
JOIN entries e USING (entry_id)
JOIN list_entries le USING (entry_id)
JOIN list_imports i USING (import_id)
WHERE m.found_at >= $3::bigint AND e.changed_seq > $1::bigint AND e.changed_seq <= $2::bigint
    AND e.standing NOT IN ('held', 'withdrawn') AND le.state = 0 AND i.started_at >= $3::bigint
