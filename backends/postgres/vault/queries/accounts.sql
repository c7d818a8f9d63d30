-- accounts: all accounts, those that were revoked too; never a hash
SELECT account_id, name, role, login AS "user", grants, created_at, created_by, coalesce(revoked_at, 0) AS revoked_at, revoked_by
FROM accounts
ORDER BY account_id
