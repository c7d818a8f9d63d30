-- list_by_name: a list and what it may be used for
SELECT list_id, kind, trust, uses FROM list_sources WHERE name = $1
