-- shield_secret: the secret of an account's pseudonyms, $2 if it had none
WITH made AS (
    INSERT INTO shield_secrets (account, secret) VALUES ($1::bigint, $2::bytea) ON CONFLICT DO NOTHING RETURNING secret
)
SELECT secret FROM made UNION ALL SELECT secret FROM shield_secrets WHERE account = $1::bigint LIMIT 1
