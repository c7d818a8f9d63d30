-- insert_media_urls: URLs that nobody knew get a row; which ones those were
INSERT INTO media_urls (bucket, host_id, url_id, https, path, kind, depth, hops, found_on, found_at)
SELECT bucket, host_id, url_id, https, path, kind, depth, hops, found_on::bytea[], found_at
FROM unnest($1::smallint[], $2::bigint[], $3::bytea[], $4::boolean[], $5::text[], $6::smallint[], $7::smallint[], $8::smallint[],
    $9::text[], $10::bigint[]) i (bucket, host_id, url_id, https, path, kind, depth, hops, found_on, found_at)
WHERE NOT EXISTS (SELECT 1 FROM urls o WHERE o.bucket = i.bucket AND o.host_id = i.host_id AND o.url_id = i.url_id)
ON CONFLICT DO NOTHING
RETURNING url_id
