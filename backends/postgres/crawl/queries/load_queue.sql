-- load_queue: the due URLs of some hosts, each lane's earliest first, and when the next one after them is due
SELECT k.n, d.due_at, q.lane, q.due_at, q.url_id, q.media,
    u.https, u.path, u.kind, u.depth, u.hops, u.tries, u.lost, u.fetched_at, u.interval_s, u.etag, u.last_modified,
    u.content_key, u.found_on, u.state
FROM unnest($1::integer[], $2::smallint[], $3::bigint[], $4::integer[]) k (n, bucket, host_id, most)
CROSS JOIN LATERAL (
    SELECT min(x.due_at) AS due_at FROM generate_series(0, 4) l (lane) CROSS JOIN LATERAL (
        SELECT due_at FROM queue
        WHERE bucket = k.bucket AND host_id = k.host_id AND lane = l.lane AND due_at > $5
        ORDER BY due_at LIMIT 1) x
) d
LEFT JOIN LATERAL (
    SELECT x.* FROM generate_series(0, 4) l (lane) CROSS JOIN LATERAL (
        SELECT lane, due_at, url_id, media FROM queue
        WHERE bucket = k.bucket AND host_id = k.host_id AND lane = l.lane AND due_at <= $5
        ORDER BY due_at, url_id LIMIT k.most) x
) q ON true
LEFT JOIN LATERAL (
    SELECT https, path, kind, depth, hops, tries, lost, fetched_at, interval_s, etag, last_modified, content_key, found_on, state
    FROM urls WHERE NOT q.media AND bucket = k.bucket AND host_id = k.host_id AND url_id = q.url_id
    UNION ALL
    SELECT https, path, kind, depth, hops, tries, lost, fetched_at, interval_s, etag, last_modified, content_key, found_on, state
    FROM media_urls WHERE q.media AND bucket = k.bucket AND host_id = k.host_id AND url_id = q.url_id
) u ON true
ORDER BY k.n, q.lane, q.due_at, q.url_id
