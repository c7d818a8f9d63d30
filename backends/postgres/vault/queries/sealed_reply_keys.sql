-- sealed_reply_keys: a page of the keys of replies
SELECT reply_id, wrapped FROM reply_keys WHERE reply_id > $1 AND wrapped <> '' ORDER BY reply_id LIMIT $2
