-- add_opaque: keep digests that are never matched
INSERT INTO entry_opaque (entry_id, name, value)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[])
ON CONFLICT DO NOTHING
