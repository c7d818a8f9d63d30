-- case_lines: the next cases by number after $1, at most $2; of states $3, a list $4, a recipient $5, a country $6, opened before $7 (empty, 0: any)
SELECT c.case_id, c.state, c.kind, c.near, c.category, c.legality, c.country, c.recipient, c.why, c.one_route, c.paused, c.legal_hold,
    c.opened_at, c.released_at, c.notified_at, c.accepted_at, c.acknowledged_at, c.gone_at, c.back_at, c.closed_at,
    coalesce(r.due_at, 0) AS next_check,
    CASE WHEN c.state IN ('in_review', 'ready', 'held', 'unverifiable') THEN coalesce(
        (SELECT max(v.at) FROM case_events v WHERE v.case_id = c.case_id AND v.what = c.state), c.opened_at) END AS came_at
FROM cases c
LEFT JOIN rechecks r USING (case_id)
WHERE c.case_id > $1::bigint
    AND (cardinality($3::text[]) = 0 OR c.state = ANY ($3::text[]))
    AND ($4::text = '' OR EXISTS (
        SELECT FROM case_entries k JOIN list_entries le USING (entry_id) JOIN list_sources s USING (list_id)
        WHERE k.case_id = c.case_id AND le.state <> 3 AND s.name = $4::text))
    AND ($5::text = '' OR c.recipient = $5::text)
    AND ($6::text = '' OR c.country = $6::text)
    AND ($7::bigint = 0 OR c.opened_at < $7::bigint)
ORDER BY c.case_id
LIMIT $2::integer
