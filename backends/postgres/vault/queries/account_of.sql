-- account_of: what a password of this user is checked against, unless the account was revoked
SELECT account_id, name, role, grants, salt, hash FROM accounts WHERE login = $1 AND revoked_at IS NULL
