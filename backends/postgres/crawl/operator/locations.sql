-- locations: the text of some URLs
SELECT k.n, u.https, h.host, u.path FROM unnest($1::integer[], $2::smallint[], $3::bigint[], $4::bytea[]) k (n, bucket, host_id, url_id)
JOIN urls u USING (bucket, host_id, url_id) JOIN hosts h USING (bucket, host_id)
UNION ALL
SELECT k.n, u.https, h.host, u.path FROM unnest($1::integer[], $2::smallint[], $3::bigint[], $4::bytea[]) k (n, bucket, host_id, url_id)
JOIN media_urls u USING (bucket, host_id, url_id) JOIN hosts h USING (bucket, host_id)
