-- count_refusals: bad lines of an import by reason
INSERT INTO list_refusals (import_id, reason, lines)
SELECT $1::bigint, * FROM unnest($2::text[], $3::bigint[])
ON CONFLICT (import_id, reason) DO UPDATE SET lines = list_refusals.lines + excluded.lines
