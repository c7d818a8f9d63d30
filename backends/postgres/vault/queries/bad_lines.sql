-- bad_lines: the bad lines kept of a list's last import
SELECT line, col, reason, evidence FROM list_bad_lines
WHERE import_id = (SELECT max(import_id) FROM list_imports JOIN list_sources USING (list_id) WHERE name = $1)
ORDER BY line, col
