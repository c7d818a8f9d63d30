-- turns: the hosts with something queued whose turns come first
SELECT host, site, addresses, queued, ready_at, next_at, due_at, errors, why, paused_until, paused_why
FROM hosts WHERE queued > 0 ORDER BY ready_at LIMIT $1
