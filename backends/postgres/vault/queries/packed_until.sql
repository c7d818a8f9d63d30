-- packed_until: the last medium whose hashes are in a block, and the last number that was given to any
SELECT coalesce((SELECT last_media FROM pdq_blocks ORDER BY last_media DESC LIMIT 1), 0),
    coalesce(pg_sequence_last_value('media_media_id_seq'::regclass), 0)
