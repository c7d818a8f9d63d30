-- hashes_stored: how many hashes there are in blocks: eight a frame, as many as there are bytes in the number of its medium
SELECT coalesce(sum(length(media_ids)), 0) FROM pdq_blocks
