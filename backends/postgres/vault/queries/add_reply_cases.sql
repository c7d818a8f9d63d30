-- add_reply_cases: the cases of the notice that a reply names; how many of their keys are destroyed
WITH added AS (
    INSERT INTO reply_cases (reply_id, case_id)
    SELECT DISTINCT $1::bigint, case_id FROM notice_cases WHERE notice_id = $2
    RETURNING case_id
)

SELECT count(*) FROM added a WHERE NOT EXISTS (SELECT FROM case_keys k WHERE k.case_id = a.case_id AND k.wrapped <> '');
