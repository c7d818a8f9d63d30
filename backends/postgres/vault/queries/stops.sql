-- stops: what authorities ask for now of any of these
SELECT scope, subject, authority, until / 1000.0::double precision AS until FROM do_not_notify
WHERE subject = ANY ($1::bytea[]) AND ended_at IS NULL AND at <= $2::bigint AND (until = 0 OR until > $2::bigint)
ORDER BY stop_id
