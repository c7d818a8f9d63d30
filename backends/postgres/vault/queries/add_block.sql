-- add_block: keep a block that begins where the last one ended; nothing if somebody else was faster
INSERT INTO pdq_blocks (first_media, last_media, media_ids, hashes)
SELECT $1::bigint + 1, $2::bigint, $3::bytea, $4::bytea
WHERE $1::bigint = coalesce((SELECT last_media FROM pdq_blocks ORDER BY last_media DESC LIMIT 1), 0)
ON CONFLICT DO NOTHING
RETURNING last_media
