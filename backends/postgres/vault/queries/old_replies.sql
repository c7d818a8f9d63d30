-- old_replies: a page of replies behind $1 that came before $2; those of a case under a legal hold are only counted
SELECT r.reply_id, NOT EXISTS (
    SELECT FROM reply_cases x JOIN cases c USING (case_id) WHERE x.reply_id = r.reply_id AND c.legal_hold <> '') AS goes
FROM replies r WHERE r.reply_id > $1 AND r.kept_at < $2 ORDER BY r.reply_id LIMIT $3
