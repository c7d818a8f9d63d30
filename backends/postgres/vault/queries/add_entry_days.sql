-- add_entry_days: keep what was seen on which day
INSERT INTO entry_days (day, entry_id, sha256, host, country, site)
SELECT * FROM unnest($1::integer[], $2::bigint[], $3::bytea[], $4::bytea[], $5::text[], $6::bytea[])
ON CONFLICT DO NOTHING
