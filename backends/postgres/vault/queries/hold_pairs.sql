-- hold_pairs: let verdicts count no more
UPDATE matches m SET held = $3::text FROM unnest($1::bytea[], $2::bigint[]) k (sha256, entry_id)
WHERE m.sha256 = k.sha256 AND m.entry_id = k.entry_id AND m.held = '' AND NOT m.released
