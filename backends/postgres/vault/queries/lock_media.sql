-- lock_media: media, so that nobody sees them again until the transaction ends
SELECT media_id FROM media WHERE media_id = ANY ($1) FOR UPDATE SKIP LOCKED
