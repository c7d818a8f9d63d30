-- frames_page: the next stored media that have frames
SELECT media_id, sha256, frames FROM media
WHERE media_id > $1::bigint AND frames <> ''
ORDER BY media_id
LIMIT $2::integer
