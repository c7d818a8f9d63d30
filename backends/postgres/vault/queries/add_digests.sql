-- add_digests: give known entries the digests that they lack, and the word of trusted list $4 to those that only others gave; which
INSERT INTO entry_digests (entry_id, algorithm, digest, list_id)
SELECT *, $4::integer FROM unnest($1::bigint[], $2::text[], $3::bytea[])
ON CONFLICT (entry_id, algorithm, digest) DO UPDATE SET list_id = excluded.list_id,
    also = array_remove(entry_digests.also, excluded.list_id) || entry_digests.list_id
WHERE $5::boolean AND EXISTS (
    SELECT FROM list_sources l WHERE l.list_id = entry_digests.list_id AND l.trust <> 'verified')
RETURNING entry_id
