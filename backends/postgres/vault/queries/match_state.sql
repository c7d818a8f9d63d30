-- match_state: a verdict, its entry, and the kinds of the lists that carry that
SELECT m.near, m.at, m.state, e.standing, e.category, e.series_id, coalesce(r.sealed, '') AS series_sealed, e.legality, e.act, e.age, e.generated,
    (SELECT array_agg(DISTINCT s.kind) FROM list_entries le JOIN list_sources s USING (list_id)
        WHERE le.entry_id = e.entry_id AND le.state <> 3) AS kinds
FROM matches m JOIN entries e USING (entry_id) LEFT JOIN series r ON r.series_id = e.series_id
WHERE m.sha256 = $1 AND m.entry_id = $2
FOR UPDATE OF m
