-- last_notice: the last notice of a case that a recipient took
SELECT n.notice_id FROM notice_cases k JOIN notices n USING (notice_id)
WHERE k.case_id = $1 AND n.recipient = $2 AND n.state IN ('accepted', 'written')
ORDER BY n.made_at DESC, n.notice_id DESC LIMIT 1
