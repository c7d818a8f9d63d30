-- shield_serving: those of some accounts that are not revoked
SELECT account_id FROM accounts WHERE account_id = ANY ($1::bigint[]) AND revoked_at IS NULL
