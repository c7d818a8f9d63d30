-- add_found_on: pages on which known media was seen again, at most eight of them
WITH more AS (
    SELECT m.bucket, m.host_id, m.url_id, array_agg(DISTINCT i.page) AS pages
    FROM unnest($1::smallint[], $2::bigint[], $3::bytea[], $4::bytea[]) i (bucket, host_id, url_id, page)
    JOIN media_urls m USING (bucket, host_id, url_id)
    WHERE cardinality(m.found_on) < 8 AND NOT m.found_on @> ARRAY[i.page]
    GROUP BY 1, 2, 3
)
UPDATE media_urls m SET found_on = (m.found_on || more.pages)[1:8]
FROM more WHERE m.bucket = more.bucket AND m.host_id = more.host_id AND m.url_id = more.url_id
