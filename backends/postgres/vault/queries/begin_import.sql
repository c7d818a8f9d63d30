-- begin_import: begin an import
INSERT INTO list_imports (list_id, file, started_at, updated_at, carried)
SELECT list_id, $2, $3, $3, entries FROM list_sources WHERE list_id = $1
RETURNING import_id
