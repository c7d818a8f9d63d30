-- redirect_to: a URL of one host that redirects to another, by what its row says of its last fetch; of a huge host only so many are read
SELECT 'page' AS as_kind, u.*, h.host FROM (
    SELECT * FROM urls WHERE bucket = $1 AND host_id = $2 ORDER BY bucket, host_id, url_id LIMIT $4
) u JOIN hosts h USING (bucket, host_id)
WHERE u.state = 2 AND u.why = $3
UNION ALL
SELECT 'media' AS as_kind, u.*, h.host FROM (
    SELECT * FROM media_urls WHERE bucket = $1 AND host_id = $2 ORDER BY bucket, host_id, url_id LIMIT $4
) u JOIN hosts h USING (bucket, host_id)
WHERE u.state = 2 AND u.why = $3
LIMIT 1
