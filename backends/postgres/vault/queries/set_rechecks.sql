-- set_rechecks: when cases are looked at next
INSERT INTO rechecks (case_id, due_at, host, route)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::text[])
ON CONFLICT (case_id) DO UPDATE SET due_at = excluded.due_at, route = excluded.route,
    asked_at = CASE WHEN rechecks.asked_at = -1 THEN 0 ELSE rechecks.asked_at END
