-- load_due_hosts: the hosts of some buckets with something due, the earliest first
SELECT * FROM hosts
WHERE queued > 0 AND ready_at <= $3 AND bucket BETWEEN $1 AND $2
ORDER BY ready_at LIMIT $4
