-- add_reply: what came back; no row if it was kept already
INSERT INTO replies (key, notice_id, kind, status, at, kept_at, discarded, sealed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (key) DO NOTHING
RETURNING reply_id;
