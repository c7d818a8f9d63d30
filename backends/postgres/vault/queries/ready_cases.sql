-- ready_cases: numbers of the cases that wait for their release, of a list $1 and a recipient $2, the oldest first
SELECT c.case_id, c.entry_id
FROM cases c
LEFT JOIN LATERAL (
    SELECT s.name FROM list_entries le JOIN list_sources s USING (list_id)
    WHERE le.entry_id = c.entry_id AND le.state = 0 ORDER BY s.may_notify DESC, s.name LIMIT 1
) l ON true
WHERE c.state = 'ready' AND coalesce(l.name, '') = $1::text AND c.recipient = $2::text
ORDER BY c.opened_at, c.case_id
LIMIT $3::integer
