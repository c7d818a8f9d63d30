-- set_standings: the standing of entries and why they are held; every index learns of it
UPDATE entries e SET standing = k.standing, held = k.held, changed_seq = $4::bigint
FROM unnest($1::bigint[], $2::text[], $3::text[]) k (entry_id, standing, held)
WHERE e.entry_id = k.entry_id
