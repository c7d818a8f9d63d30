-- free_rechecks: what waits at hosts where fewer than $1 are out: nobody's answer would free it
WITH RECURSIVE hosts AS (
    (SELECT host FROM rechecks WHERE asked_at = -1 ORDER BY host LIMIT 1)
    UNION ALL
    SELECT (SELECT r.host FROM rechecks r WHERE r.asked_at = -1 AND r.host > h.host ORDER BY r.host LIMIT 1)
    FROM hosts h WHERE h.host IS NOT NULL
), room AS MATERIALIZED (
    SELECT h.host, $1::integer - (SELECT count(*) FROM rechecks r WHERE r.host = h.host AND r.asked_at > 0) AS many
    FROM hosts h WHERE h.host IS NOT NULL
), next AS MATERIALIZED (
    SELECT w.case_id FROM room m CROSS JOIN LATERAL (
        SELECT r.case_id FROM rechecks r WHERE r.host = m.host AND r.asked_at = -1
        ORDER BY r.due_at LIMIT greatest(m.many, 0) FOR UPDATE SKIP LOCKED
    ) w
)
UPDATE rechecks r SET asked_at = 0 FROM next WHERE next.case_id = r.case_id
