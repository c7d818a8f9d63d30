-- add_bad_lines: samples of bad lines, up to $6 an import
INSERT INTO list_bad_lines (import_id, line, col, reason, evidence)
SELECT $1::bigint, * FROM unnest($2::bigint[], $3::integer[], $4::text[], $5::text[])
LIMIT greatest(0, $6::integer - (SELECT count(*) FROM list_bad_lines WHERE import_id = $1::bigint))
ON CONFLICT DO NOTHING
