-- media_by_sha256: stored media
SELECT m.media_id, m.sha256, m.sha1, m.md5, m.size, m.media_type, m.width, m.height, m.duration, m.why, m.frames
FROM unnest($1::bytea[]) k (sha256) JOIN media m USING (sha256)
