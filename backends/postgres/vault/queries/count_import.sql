-- count_import: the progress of an import
UPDATE list_imports SET updated_at = $2, bytes = bytes + $3, lines = lines + $4, read = read + $5, added = added + $6,
    changed = changed + $7, held = held + $8, deleted = deleted + $9
WHERE import_id = $1
