-- old_cases: a page of cases behind $1 that were gone or closed before $2; those under a legal hold are only counted
SELECT case_id, legal_hold = '' AS goes FROM cases
WHERE case_id > $1 AND state IN ('gone', 'closed') AND greatest(coalesce(gone_at, 0), coalesce(closed_at, 0), coalesce(back_at, 0)) < $2
    AND coalesce(closed_at, gone_at) IS NOT NULL
ORDER BY case_id LIMIT $3
