-- redirect_to: a URL of one host that redirects to another, by what its row says of its last fetch
SELECT 'page' AS as_kind, u.*, h.host FROM urls u JOIN hosts h USING (bucket, host_id)
WHERE u.bucket = $1 AND u.host_id = $2 AND u.state = 2 AND u.why = $3
UNION ALL
SELECT 'media' AS as_kind, u.*, h.host FROM media_urls u JOIN hosts h USING (bucket, host_id)
WHERE u.bucket = $1 AND u.host_id = $2 AND u.state = 2 AND u.why = $3
LIMIT 1
