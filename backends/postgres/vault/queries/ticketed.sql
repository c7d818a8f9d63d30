-- ticketed: whose re-checks were asked for by these tickets
SELECT r.case_id, r.ticket, r.due_at / 1000.0::double precision AS due_at, r.route, r.tries > 1 AS again
FROM unnest($1::bytea[]) k (ticket) JOIN rechecks r USING (ticket) WHERE k.ticket <> '' AND r.asked_at > 0
