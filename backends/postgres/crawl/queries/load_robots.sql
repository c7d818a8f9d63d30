-- load_robots: robots.txt of some hosts, with the files
SELECT o.bucket, o.host_id, o.https, o.state, o.body FROM unnest($1::smallint[], $2::bigint[]) k (bucket, host_id)
JOIN origins o USING (bucket, host_id)
