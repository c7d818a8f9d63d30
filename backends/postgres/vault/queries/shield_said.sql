-- shield_said: what providers said that is no opinion yet, oldest first
SELECT opinion_id, account, name, entry_id, verdict, reason, at FROM shield_opinions WHERE done_at IS NULL ORDER BY opinion_id LIMIT $1::integer
