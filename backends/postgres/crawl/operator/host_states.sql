-- host_states: hosts with something queued: due, waiting for their turn, backing off (by why), paused
SELECT state, why, count(*), min(ready_at) FROM (
    SELECT CASE WHEN paused_until > $1 THEN 'paused' WHEN ready_at <= $1 THEN 'due' WHEN errors > 0 AND next_at > $1 THEN 'backing off'
        WHEN due_at > $1 + 60000 THEN 'later' ELSE 'waiting' END AS state,
        CASE WHEN paused_until > $1 THEN paused_why WHEN ready_at > $1 AND errors > 0 THEN why ELSE '' END AS why, ready_at
    FROM hosts WHERE queued > 0 ORDER BY ready_at LIMIT $2) h
GROUP BY state, why ORDER BY state, why
