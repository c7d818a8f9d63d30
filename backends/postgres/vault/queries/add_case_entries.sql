-- add_case_entries: entries are evidence of cases
INSERT INTO case_entries (case_id, entry_id, found_at)
SELECT case_id, entry_id, $3::bigint FROM unnest($1::bigint[], $2::bigint[]) k (case_id, entry_id)
ON CONFLICT DO NOTHING
