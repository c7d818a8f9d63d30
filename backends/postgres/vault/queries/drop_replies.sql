-- drop_replies: replies, with what hangs on them
DELETE FROM replies r WHERE reply_id = ANY ($1) AND NOT EXISTS (
    SELECT FROM reply_cases x JOIN cases c USING (case_id) WHERE x.reply_id = r.reply_id AND c.legal_hold <> '')
RETURNING 1
