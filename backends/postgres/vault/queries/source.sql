-- source: a list as it was added
SELECT name, format, kind, trust, uses, location, mapping, credentials, cursor FROM list_sources WHERE name = $1
