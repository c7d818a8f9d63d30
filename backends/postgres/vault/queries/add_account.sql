-- add_account: a new account; nothing if somebody has one of this name
INSERT INTO accounts (name, role, login, salt, hash, grants, created_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING
RETURNING account_id, name, role, login AS "user", grants, created_at, created_by, coalesce(revoked_at, 0) AS revoked_at, revoked_by
