-- add_list: make a list
INSERT INTO list_sources (name, format, kind, trust, uses, location, mapping, credentials, created_at)
VALUES ($1, $2, $3, $4, $5::text[], $6, $7, $8, $9)
ON CONFLICT (name) DO NOTHING
