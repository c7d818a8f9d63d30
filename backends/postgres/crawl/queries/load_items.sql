-- load_items: those of some rows of the queue that are still there, with their URLs
SELECT q.lane, q.due_at, q.url_id, q.media,
    u.https, u.path, u.kind, u.depth, u.hops, u.tries, u.lost, u.fetched_at, u.interval_s, u.etag, u.last_modified,
    u.content_key, u.found_on, u.state
FROM unnest($1::smallint[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bytea[], $6::boolean[])
    q (bucket, host_id, lane, due_at, url_id, media)
JOIN queue w ON w.bucket = q.bucket AND w.host_id = q.host_id AND w.lane = q.lane AND w.due_at = q.due_at AND w.url_id = q.url_id
CROSS JOIN LATERAL (
    SELECT https, path, kind, depth, hops, tries, lost, fetched_at, interval_s, etag, last_modified, content_key, found_on, state
    FROM urls WHERE NOT q.media AND bucket = q.bucket AND host_id = q.host_id AND url_id = q.url_id
    UNION ALL
    SELECT https, path, kind, depth, hops, tries, lost, fetched_at, interval_s, etag, last_modified, content_key, found_on, state
    FROM media_urls WHERE q.media AND bucket = q.bucket AND host_id = q.host_id AND url_id = q.url_id
) u
