-- list_by_name: a list and what it may be used for
SELECT list_id, name, format, kind, trust, uses, may_notify, location, mapping, entries FROM list_sources WHERE name = $1
