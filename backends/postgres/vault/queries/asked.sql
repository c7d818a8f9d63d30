-- asked: who has asked for an act since $3, the first of them first; nobody whose account was revoked since
SELECT person, uid, machine FROM requests r
WHERE act = $1 AND subject = $2 AND done_at IS NULL AND at >= $3
    AND NOT (machine = 'account' AND EXISTS (SELECT FROM accounts a WHERE a.account_id = r.uid AND a.revoked_at IS NOT NULL))
ORDER BY request_id
