-- entries_of_import: what an import brought to a list
SELECT entry_id FROM list_entries WHERE import_id = $2::bigint AND list_id = $1::integer
