-- shield_suspend: suspend near answers of an account, unless they are
INSERT INTO shield_suspensions (account, entry_id, at)
SELECT $1::bigint, $2::bigint, $3::bigint
WHERE NOT EXISTS (SELECT FROM shield_suspensions WHERE account = $1::bigint AND lifted_at IS NULL)
ON CONFLICT DO NOTHING
