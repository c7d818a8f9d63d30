-- notice_cases: what a notice tells, in one order
SELECT case_id, place, record FROM notice_cases WHERE notice_id = $1 ORDER BY case_id, place
