-- add_case_events: add to the histories of cases
INSERT INTO case_events (case_id, at, what, person, why, sealed)
SELECT case_id, at, what, person, why, sealed
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bytea[]) WITH ORDINALITY
    k (case_id, at, what, person, why, sealed, n)
ORDER BY n
