-- load_origins: robots.txt of some hosts
SELECT o.bucket, o.host_id, o.https, o.state FROM unnest($1::smallint[], $2::bigint[]) k (bucket, host_id)
JOIN origins o USING (bucket, host_id)
