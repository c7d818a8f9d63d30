-- lists: the lists, each with its last import
SELECT l.name, l.format, l.kind, l.trust, l.uses, l.may_notify, l.entries, coalesce(n.imports, 0) AS imports,
    coalesce(i.file, '') AS file, coalesce(i.started_at, 0) AS started_at, coalesce(i.ended_at, 0) AS ended_at,
    coalesce(i.error, '') AS error, coalesce(i.bytes, 0) AS bytes_read, coalesce(i.lines, 0) AS lines,
    coalesce(i.read, 0) AS read, coalesce(i.added, 0) AS added, coalesce(i.changed, 0) AS changed,
    coalesce(i.held, 0) AS held, l.location, coalesce(i.deleted, 0) AS deleted, coalesce(n.last_success, 0) AS last_success,
    (SELECT array_agg(reason ORDER BY reason) FROM list_refusals WHERE import_id = i.import_id) AS reasons,
    (SELECT array_agg(lines ORDER BY reason) FROM list_refusals WHERE import_id = i.import_id) AS refused
FROM list_sources l
LEFT JOIN LATERAL (SELECT * FROM list_imports WHERE list_id = l.list_id ORDER BY import_id DESC LIMIT 1) i ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS imports, max(ended_at) FILTER (WHERE error = '') AS last_success FROM list_imports WHERE list_id = l.list_id
) n ON true
ORDER BY l.name
