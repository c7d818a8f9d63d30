-- load_due_hosts: the hosts of some buckets with something due, the earliest first, with all that are due with the last one
SELECT * FROM hosts
WHERE queued > 0 AND ready_at <= $3 AND ready_at > $5 AND bucket BETWEEN $1 AND $2
ORDER BY ready_at FETCH FIRST $4 ROWS WITH TIES
