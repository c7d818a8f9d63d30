-- upsert_origins: robots.txt as it was judged
INSERT INTO origins (bucket, host_id, https, state)
SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::boolean[], $4::bytea[])
ON CONFLICT (bucket, host_id, https) DO UPDATE SET state = excluded.state
