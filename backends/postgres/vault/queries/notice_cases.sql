-- notice_cases: what a notice tells, in one order
SELECT case_id, place, first_seen / 1000.0::double precision AS first_seen, confirmed_at / 1000.0::double precision AS confirmed_at
FROM notice_cases WHERE notice_id = $1 ORDER BY case_id, place
