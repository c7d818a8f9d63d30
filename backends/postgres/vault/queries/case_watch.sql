-- case_watch: what somebody should be told of cases, notices, their keys and retention at a moment; some of it reads every open case
SELECT 'age:' || state AS name, (max($1::bigint - opened_at) / 1000.0)::double precision AS value
FROM cases WHERE state IN ('found', 'in_review', 'ready', 'held', 'released') GROUP BY state
UNION ALL SELECT 'lookups_failing', count(*) FROM case_tasks WHERE task = 'lookup' AND tries >= 3
UNION ALL SELECT 'tell_age', coalesce(max($1::bigint - due_at), 0) / 1000.0 FROM tells WHERE due_at <= $1::bigint AND kind <> 'retraction'
UNION ALL SELECT 'retractions_late',
    (SELECT count(*) FROM tells WHERE kind = 'retraction' AND due_at <= $1::bigint)
    + (SELECT count(*) FROM notices
       WHERE kind = 'retraction' AND state IN ('made', 'sending', 'failed', 'held') AND made_at <= $1::bigint - $2::bigint)
UNION ALL SELECT 'sending', count(*) FROM switches WHERE name = 'sending' AND value = 'on'
UNION ALL SELECT 'keys_missing', count(*) FROM cases
    WHERE state NOT IN ('gone', 'closed') AND NOT EXISTS (SELECT FROM case_keys WHERE case_keys.case_id = cases.case_id)
UNION ALL SELECT 'retention_at', coalesce(extract(epoch FROM max(at)), 0) FROM audit
    WHERE verb = 'retention.run' AND purpose <> 'a dry run' AND at > to_timestamp($1::bigint / 1000.0) - interval '7 days'
