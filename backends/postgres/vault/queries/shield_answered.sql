-- shield_answered: what an account was told in answer to a request
SELECT account, entry_id, at, request FROM shield_matches WHERE request = $2::text AND account = $1::bigint ORDER BY entry_id
