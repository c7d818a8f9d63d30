-- shield_lift: let an account hear of near matches again
UPDATE shield_suspensions s SET lifted_at = $2::bigint, lifted_by = $3::text, why = $4::text
FROM accounts a
WHERE a.account_id = s.account AND (a.name = $1::text OR a.login = $1::text) AND s.lifted_at IS NULL
RETURNING s.account
