-- add_audit: a line of the audit
INSERT INTO audit (seq, at, person, account, person_role, verb, purpose, places, subject, uid, machine, previous, mac)
VALUES ($1, to_timestamp(0) + $2 * interval '1 microsecond', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
