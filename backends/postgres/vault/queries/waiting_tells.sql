-- waiting_tells: who waits, of the $2 recipients that are due first by $1 or of whom $3 wait, and that were told before $4
WITH due AS MATERIALIZED (
    SELECT t.recipient, min(t.due_at) AS first FROM tells t JOIN recipients r ON r.key = t.recipient
    WHERE r.told_at <= $4::bigint
    GROUP BY t.recipient HAVING min(t.due_at) <= $1::bigint OR count(*) >= $3::integer
    ORDER BY first LIMIT $2::integer
)
SELECT t.case_id, t.place, t.kind, t.recipient, t.due_at / 1000.0::double precision, t.asked_at / 1000.0::double precision
FROM due d
CROSS JOIN LATERAL (SELECT * FROM tells x WHERE x.recipient = d.recipient ORDER BY x.due_at, x.case_id LIMIT 2 * $3::integer) t
ORDER BY d.first, t.recipient, t.due_at, t.case_id
