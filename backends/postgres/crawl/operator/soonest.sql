-- soonest: the hosts whose turn comes next
SELECT host, queued, ready_at, next_at, due_at, errors, why FROM hosts WHERE queued > 0 ORDER BY ready_at LIMIT $1
