-- due_rechecks: ask for re-checks that are due, at most $3 at a time of one host; those of hosts with so many wait for an answer
WITH due AS MATERIALIZED (
    SELECT case_id, host, due_at FROM rechecks WHERE asked_at = 0 AND due_at <= $1::bigint
    ORDER BY due_at LIMIT $2::integer FOR UPDATE SKIP LOCKED
), out AS MATERIALIZED (
    SELECT d.host, (SELECT count(*) FROM rechecks r WHERE r.host = d.host AND r.asked_at > 0) AS many
    FROM (SELECT DISTINCT host FROM due) d
), ranked AS (
    SELECT d.case_id, o.many + row_number() OVER (PARTITION BY d.host ORDER BY d.due_at, d.case_id) <= $3::integer AS now
    FROM due d JOIN out o USING (host)
), asked AS (
    UPDATE rechecks r SET asked_at = CASE WHEN k.now THEN $1::bigint ELSE -1 END, tries = r.tries + k.now::integer,
        ticket = CASE WHEN k.now AND r.ticket = '' THEN uuid_send(gen_random_uuid()) ELSE r.ticket END
    FROM ranked k WHERE k.case_id = r.case_id
    RETURNING r.case_id, r.ticket, r.due_at, r.route, k.now
)
SELECT case_id, ticket, due_at / 1000.0::double precision AS due_at, route, false AS again FROM asked WHERE now ORDER BY due_at
