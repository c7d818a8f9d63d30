-- shield_suspensions: suspensions of near answers with the accounts' names, newest first
SELECT s.account, a.name, s.entry_id, s.at, s.lifted_at, s.lifted_by, s.why
FROM shield_suspensions s JOIN accounts a ON a.account_id = s.account
ORDER BY s.at DESC LIMIT $1::integer
