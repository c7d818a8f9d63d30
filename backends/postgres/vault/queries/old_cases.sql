-- old_cases: a page of cases behind $1 that were gone or closed before $2; only counted are those under a legal hold, with an open
-- appeal, or with a retraction that somebody is owed still: it waits to be told, or for an authority
SELECT case_id, legal_hold = '' AND NOT paused AND NOT EXISTS (SELECT FROM tells t WHERE t.case_id = cases.case_id)
    AND NOT EXISTS (SELECT FROM case_tasks k WHERE k.case_id = cases.case_id AND k.task = 'tick') AS goes
FROM cases
WHERE case_id > $1 AND state IN ('gone', 'closed') AND greatest(coalesce(gone_at, 0), coalesce(closed_at, 0), coalesce(back_at, 0)) < $2
    AND coalesce(closed_at, gone_at) IS NOT NULL
ORDER BY case_id LIMIT $3
