-- found_on: the pages that embed or link some URLs
SELECT m.url_id, m.found_on FROM unnest($1::smallint[], $2::bigint[], $3::bytea[]) k (bucket, host_id, url_id)
JOIN media_urls m USING (bucket, host_id, url_id)
UNION ALL
SELECT m.url_id, m.found_on FROM unnest($1::smallint[], $2::bigint[], $3::bytea[]) k (bucket, host_id, url_id)
JOIN urls m USING (bucket, host_id, url_id)
