-- insert_media_urls: URLs that nobody knew get a row; which ones those were
INSERT INTO media_urls (bucket, host_id, url_id, https, path, kind, depth, hops, found_on, found_at)
SELECT i.bucket, i.host_id, i.url_id, i.https, i.path, i.kind, i.depth, i.hops,
    CASE length(i.found_on) WHEN 26 THEN ARRAY[i.found_on]
        ELSE ARRAY(SELECT substr(i.found_on, at, 26) FROM generate_series(1, length(i.found_on), 26) at) END,
    i.found_at
FROM (
    SELECT g.*, p.path, substr(g.url_ids, 16 * p.at::integer - 15, 16) AS url_id
    FROM unnest($1::smallint[], $2::bigint[], $3::boolean[], $4::smallint[], $5::smallint[], $6::smallint[], $7::bytea[],
        $8::bigint[], $9::bytea[], $10::text[])
        g (bucket, host_id, https, kind, depth, hops, found_on, found_at, url_ids, paths)
    CROSS JOIN LATERAL unnest(string_to_array(g.paths, E'\n')) WITH ORDINALITY p (path, at)
) i
WHERE NOT EXISTS (SELECT 1 FROM urls o WHERE o.bucket = i.bucket AND o.host_id = i.host_id AND o.url_id = i.url_id)
ON CONFLICT DO NOTHING
RETURNING url_id
