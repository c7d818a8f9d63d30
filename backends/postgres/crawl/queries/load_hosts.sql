-- load_hosts: hosts by key
SELECT h.* FROM unnest($1::smallint[], $2::bigint[]) k (bucket, host_id)
JOIN hosts h USING (bucket, host_id)
