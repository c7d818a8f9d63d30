-- begin_import: begin an import
INSERT INTO list_imports (list_id, file, started_at, updated_at) VALUES ($1, $2, $3, $3) RETURNING import_id
