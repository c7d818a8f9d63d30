-- load_due_hosts: the hosts of some partitions with something due, the earliest first, with all that are due with the last one
SELECT * FROM hosts
WHERE queued > 0 AND ready_at <= $3 AND ready_at > $5 AND bucket * $2::integer / 4096 = ANY ($1::integer[])
ORDER BY ready_at FETCH FIRST $4 ROWS WITH TIES
