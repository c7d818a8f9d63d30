-- add_stop: somebody is not to be told
INSERT INTO do_not_notify (scope, subject, authority, why, person, at, until) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING stop_id
