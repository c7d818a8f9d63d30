-- add_tells: these are to be told
INSERT INTO tells (case_id, place, kind, recipient, due_at, asked_at)
SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
ON CONFLICT (case_id, place, kind, recipient) DO UPDATE SET due_at = least(tells.due_at, excluded.due_at)
