-- released: those of the pairs that two people let count
SELECT m.sha256, m.entry_id FROM unnest($1::bytea[], $2::bigint[]) k (sha256, entry_id)
JOIN matches m USING (sha256, entry_id)
WHERE m.released
