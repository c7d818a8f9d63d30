-- shield_told: keep what accounts were told
INSERT INTO shield_matches (account, entry_id, at, request)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[])
ON CONFLICT DO NOTHING
