-- lock_old_cases: cases that still go, locked
SELECT case_id FROM cases
WHERE case_id = ANY ($1) AND legal_hold = '' AND state IN ('gone', 'closed')
    AND greatest(coalesce(gone_at, 0), coalesce(closed_at, 0), coalesce(back_at, 0)) < $2
    AND NOT paused AND NOT EXISTS (SELECT FROM tells t WHERE t.case_id = cases.case_id)
    AND NOT EXISTS (SELECT FROM case_tasks k WHERE k.case_id = cases.case_id AND k.task = 'tick')
ORDER BY case_id FOR UPDATE SKIP LOCKED
