-- add_list_entries: put known entries on a list; those that were not
INSERT INTO list_entries (entry_id, list_id)
SELECT entry_id, $2::integer FROM unnest($1::bigint[]) k (entry_id)
ON CONFLICT DO NOTHING
RETURNING entry_id
