-- media_by_id: stored media
SELECT media_id, sha256, sha1, md5, size, media_type, width, height, duration, why, frames
FROM media WHERE media_id = ANY ($1::bigint[])
