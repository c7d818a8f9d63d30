-- add_digests: give known entries the digests that they lack; the entries that got some
INSERT INTO entry_digests (entry_id, algorithm, digest)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[])
ON CONFLICT DO NOTHING
RETURNING entry_id
