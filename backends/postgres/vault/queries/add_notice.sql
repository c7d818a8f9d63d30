-- add_notice: put a notice into the outbox
INSERT INTO notices (made_at, next_at, places, recipient, kind, language, state, message_id, idempotency_key, in_reply_to, record)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING notice_id
