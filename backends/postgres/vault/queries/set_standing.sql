-- set_standing: set the standing of entries and why they are held; every list of digests learns of it
UPDATE entries SET standing = $2, held = $3, changed_seq = $4
WHERE entry_id = ANY ($1::bigint[]) AND (standing, held) IS DISTINCT FROM ($2, $3)
RETURNING entry_id
