-- end_import: end an import
UPDATE list_imports SET ended_at = $2, updated_at = $2, error = $3 WHERE import_id = $1
