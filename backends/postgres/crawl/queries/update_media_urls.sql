-- update_media_urls: what became of fetched URLs
UPDATE media_urls u SET state = o.state, status = o.status, tries = o.tries, fetched_at = o.fetched_at, interval_s = o.interval_s,
    etag = o.etag, last_modified = o.last_modified, content_key = o.content_key, size = o.size, why = o.why,
    lost = CASE WHEN o.fetched_at > u.fetched_at THEN 0 ELSE u.lost END
FROM unnest($1::smallint[], $2::bigint[], $3::bytea[], $4::smallint[], $5::smallint[], $6::smallint[], $7::bigint[],
    $8::integer[], $9::text[], $10::text[], $11::bytea[], $12::integer[], $13::text[])
    o (bucket, host_id, url_id, state, status, tries, fetched_at, interval_s, etag, last_modified, content_key, size, why)
WHERE u.bucket = o.bucket AND u.host_id = o.host_id AND u.url_id = o.url_id
