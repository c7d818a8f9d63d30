-- lock_old_cases: cases that still go, locked
SELECT case_id FROM cases
WHERE case_id = ANY ($1) AND legal_hold = '' AND state IN ('gone', 'closed')
    AND greatest(coalesce(gone_at, 0), coalesce(closed_at, 0), coalesce(back_at, 0)) < $2
ORDER BY case_id FOR UPDATE SKIP LOCKED
