-- asked: who has asked for an act since $3, the first of them first
SELECT person, uid, machine FROM requests WHERE act = $1 AND subject = $2 AND done_at IS NULL AND at >= $3 ORDER BY request_id
