-- add_holds: hold entries for a reason, unless people have released them from it; those that were not
INSERT INTO holds (entry_id, reason, why, at)
SELECT k.*, $3::text, $4::bigint FROM unnest($1::bigint[], $2::text[]) k (entry_id, reason)
WHERE EXISTS (SELECT FROM entries e WHERE e.entry_id = k.entry_id)
ON CONFLICT DO NOTHING
RETURNING entry_id
