-- live_accounts: how many accounts of these roles serve
SELECT count(*) FROM accounts WHERE revoked_at IS NULL AND role = ANY ($1)
