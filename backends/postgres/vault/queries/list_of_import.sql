-- list_of_import: the list of an import
SELECT list_id FROM list_imports WHERE import_id = $1
