-- url_row: all that is known of one URL
SELECT 'page' AS as_kind, u.*, h.host FROM urls u JOIN hosts h USING (bucket, host_id) WHERE u.bucket = $1 AND u.host_id = $2 AND u.url_id = $3
UNION ALL
SELECT 'media' AS as_kind, u.*, h.host FROM media_urls u JOIN hosts h USING (bucket, host_id) WHERE u.bucket = $1 AND u.host_id = $2 AND u.url_id = $3
