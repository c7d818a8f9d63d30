-- rechecks_answered: their tickets are void, and as many that wait at their hosts may be asked for
WITH mine AS MATERIALIZED (
    SELECT case_id FROM rechecks WHERE case_id = ANY ($1::bigint[]) ORDER BY case_id FOR UPDATE
), done AS MATERIALIZED (
    UPDATE rechecks r SET asked_at = 0, ticket = '', tries = 0 FROM mine WHERE mine.case_id = r.case_id RETURNING r.host
), many AS (
    SELECT host, count(*) AS many FROM done GROUP BY host
), next AS MATERIALIZED (
    SELECT w.case_id FROM many m CROSS JOIN LATERAL (
        SELECT r.case_id FROM rechecks r WHERE r.host = m.host AND r.asked_at = -1
        ORDER BY r.due_at LIMIT m.many FOR UPDATE SKIP LOCKED
    ) w
)
UPDATE rechecks r SET asked_at = 0 FROM next WHERE next.case_id = r.case_id
