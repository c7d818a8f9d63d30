-- revoke_account: an account, by its user or its name, serves no more
UPDATE accounts SET revoked_at = $2, revoked_by = $3
WHERE account_id = (
    SELECT account_id FROM accounts WHERE revoked_at IS NULL AND (login = $1 OR name = $1) ORDER BY login = $1 DESC LIMIT 1)
RETURNING account_id, name, role, login AS "user", grants, created_at, created_by, coalesce(revoked_at, 0) AS revoked_at, revoked_by
