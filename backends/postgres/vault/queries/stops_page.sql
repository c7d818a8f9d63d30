-- stops_page: who is not to be told; with $2 also what is over
SELECT stop_id, scope, subject, authority, why, person, at, until, ended_at FROM do_not_notify
WHERE $2 OR (ended_at IS NULL AND (until = 0 OR until > $1)) ORDER BY stop_id
