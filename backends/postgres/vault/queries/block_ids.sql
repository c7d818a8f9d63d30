-- block_ids: all blocks up to medium $1
SELECT last_media FROM pdq_blocks WHERE last_media <= $1::bigint ORDER BY last_media
