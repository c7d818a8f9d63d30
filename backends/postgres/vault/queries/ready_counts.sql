-- ready_counts: exact cases that wait for their release, by list and recipient
SELECT coalesce(l.name, '') AS list, c.recipient, count(*) AS cases, min(c.opened_at) AS oldest,
    coalesce(l.may_notify, false) AS may_notify
FROM cases c
LEFT JOIN LATERAL (
    SELECT s.name, s.may_notify FROM list_entries le JOIN list_sources s USING (list_id)
    WHERE le.entry_id = c.entry_id AND le.state = 0 ORDER BY s.may_notify DESC, s.name LIMIT 1
) l ON true
WHERE c.state = 'ready'
GROUP BY 1, 2, 5
ORDER BY 1, 2
