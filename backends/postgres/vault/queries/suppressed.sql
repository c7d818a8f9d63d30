-- suppressed: those of the pairs that people have refused
SELECT s.sha256, s.entry_id
FROM unnest($1::bytea[], $2::bigint[]) k (sha256, entry_id) JOIN suppressions s USING (sha256, entry_id)
