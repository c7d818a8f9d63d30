-- hosts_page: hosts by name pattern within some buckets, after a key
SELECT * FROM hosts
WHERE (bucket, host_id) > ($2::smallint, $3::bigint) AND bucket <= $4::smallint AND host LIKE $1
ORDER BY bucket, host_id LIMIT $5
