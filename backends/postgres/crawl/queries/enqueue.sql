-- enqueue: known URLs that are due again later
INSERT INTO queue (bucket, host_id, lane, due_at, url_id, media)
SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bytea[], $6::boolean[])
ON CONFLICT DO NOTHING
