-- lose_media_urls: one more order with these URLs never came back
UPDATE media_urls u SET lost = u.lost + 1
FROM unnest($1::smallint[], $2::bigint[], $3::bytea[]) o (bucket, host_id, url_id)
WHERE u.bucket = o.bucket AND u.host_id = o.host_id AND u.url_id = o.url_id
