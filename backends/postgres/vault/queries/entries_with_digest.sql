-- entries_with_digest: the entries that have one of these digests
SELECT DISTINCT entry_id FROM entry_digests WHERE digest = $1::bytea ORDER BY entry_id
