-- add_list: make a list
INSERT INTO list_sources (name, format, kind, trust, uses, created_at)
VALUES ($1, $2, $3, $4, $5::text[], $6)
ON CONFLICT (name) DO NOTHING
