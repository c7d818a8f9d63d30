-- dequeue: URLs that were dealt with leave the queue
DELETE FROM queue q USING unnest($1::smallint[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bytea[])
    o (bucket, host_id, lane, due_at, url_id)
WHERE q.bucket = o.bucket AND q.host_id = o.host_id AND q.lane = o.lane AND q.due_at = o.due_at AND q.url_id = o.url_id
