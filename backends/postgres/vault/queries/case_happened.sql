-- case_happened: the last lines of a case's history, oldest first
SELECT at, what, person, why, sealed FROM (
    SELECT event_id, at, what, person, why, sealed FROM case_events WHERE case_id = $1::bigint ORDER BY event_id DESC LIMIT $2::integer
) h ORDER BY event_id
