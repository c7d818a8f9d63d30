-- proposals: what people here said of entries, for the entries' sources
SELECT v.event_id, v.entry_id, b.name || '/' || e.member_entry_id AS name, v.what, v.organisation, v.why, v.at,
    (SELECT coalesce(array_agg(s.name ORDER BY s.name), '{}') FROM list_entries le JOIN list_sources s USING (list_id)
        WHERE le.entry_id = v.entry_id AND le.state <> 3) AS lists
FROM entry_events v JOIN entries e USING (entry_id) JOIN members b USING (member_id)
WHERE v.event_id > $1::bigint AND v.person <> '' AND v.what IN ('confirm', 'dispute', 'withdraw', 'variant')
    AND lower(v.organisation) <> lower(b.name)
    AND NOT EXISTS (
        SELECT FROM entry_events later WHERE later.entry_id = v.entry_id AND later.event_id > v.event_id
        AND later.person <> '' AND later.organisation = v.organisation AND later.what IN ('confirm', 'dispute', 'withdraw', 'released'))
ORDER BY v.event_id LIMIT $2::integer
