-- shield_count: add to what accounts have used of days
INSERT INTO shield_days AS d (account, day, questions, near)
SELECT * FROM unnest($1::bigint[], $2::integer[], $3::bigint[], $4::bigint[])
ON CONFLICT (account, day) DO UPDATE SET questions = d.questions + excluded.questions, near = d.near + excluded.near
