-- add_notice_cases: what a notice tells
INSERT INTO notice_cases (notice_id, case_id, place, first_seen, confirmed_at, record)
SELECT $1::bigint, * FROM unnest($2::bigint[], $3::bytea[], $4::bigint[], $5::bigint[], $6::bytea[])
