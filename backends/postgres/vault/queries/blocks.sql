-- blocks: some blocks of hashes
SELECT media_ids, hashes FROM pdq_blocks WHERE last_media = ANY ($1::bigint[])
