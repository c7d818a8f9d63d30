-- report_cases: cases of kind $2 that count and were opened before $1, those last that are gone or closed the longest
SELECT c.case_id, c.sha256, c.entry_id, c.state, c.near, c.one_route, c.country, c.category, e.series_id AS series,
    coalesce(r.name, '') AS provider, c.opened_at, c.notified_at, c.accepted_at, c.first_absent_at, c.gone_at, c.back_at, c.closed_at,
    CASE WHEN c.back_at IS NOT NULL THEN c.record END AS record
FROM cases c
JOIN counted_entries e USING (entry_id)
JOIN counted_pairs p ON p.sha256 = c.sha256 AND p.entry_id = c.entry_id
LEFT JOIN recipients r ON r.key = c.recipient
WHERE c.opened_at < $1::bigint AND c.kind = $2::text AND e.kind = $2::text
ORDER BY c.case_id
