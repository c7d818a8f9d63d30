-- entries_of_import: what an import brought to a list, and no other list before
SELECT le.entry_id FROM list_entries le
WHERE le.import_id = $2::bigint AND le.list_id = $1::integer AND NOT EXISTS (
    SELECT FROM list_entries o
    WHERE o.entry_id = le.entry_id AND o.list_id <> $1::integer AND o.state = 0 AND o.import_id < $2::bigint)
