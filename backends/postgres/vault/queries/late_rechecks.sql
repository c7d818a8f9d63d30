-- late_rechecks: ask again for what was asked for before $2 and not answered
WITH late AS MATERIALIZED (
    SELECT case_id FROM rechecks WHERE asked_at > 0 AND asked_at <= $2::bigint
    ORDER BY asked_at LIMIT $3::integer FOR UPDATE SKIP LOCKED
)
UPDATE rechecks r SET asked_at = $1::bigint, tries = r.tries + 1 FROM late WHERE late.case_id = r.case_id
RETURNING r.case_id, r.ticket, r.due_at / 1000.0::double precision AS due_at, r.route, true AS again
