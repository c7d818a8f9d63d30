-- forget_replies: delete replies kept before $1, at most $2 of them, but those of cases under a legal hold
DELETE FROM replies
WHERE reply_id IN (
    SELECT r.reply_id
    FROM replies r
    WHERE r.kept_at < $1
        AND NOT EXISTS (
            SELECT FROM reply_cases c JOIN cases x USING (case_id) WHERE c.reply_id = r.reply_id AND x.legal_hold <> ''
        )
    ORDER BY r.kept_at
    LIMIT $2
);
