-- replies_to_carry: replies of which their cases have not heard, in the order in which they came
SELECT
    r.reply_id, r.notice_id, r.kind, r.at, r.status, r.discarded,
    array(SELECT c.case_id FROM reply_cases c WHERE c.reply_id = r.reply_id ORDER BY c.case_id) AS cases
FROM replies r
WHERE r.carried_at IS NULL AND r.notice_id IS NOT NULL
ORDER BY r.reply_id
LIMIT $1;
