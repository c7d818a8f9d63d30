-- upsert_origins: robots.txt as it was judged; no body means that the stored one still counts
INSERT INTO origins (bucket, host_id, https, state, body)
SELECT bucket, host_id, https, state, coalesce(body, '')
FROM unnest($1::smallint[], $2::bigint[], $3::boolean[], $4::bytea[], $5::bytea[]) i (bucket, host_id, https, state, body)
ON CONFLICT (bucket, host_id, https) DO UPDATE SET state = excluded.state,
    body = CASE WHEN excluded.body = '' THEN origins.body ELSE excluded.body END
