-- audit_page: a page of the audit, of a time, and of a person if one is named
SELECT seq, (extract(epoch FROM at) * 1000000)::bigint AS at, person, account, person_role, verb, purpose, places, subject, uid, machine
FROM audit
WHERE seq > $1 AND at >= to_timestamp($3) AND at < to_timestamp($4) AND ($5::text IS NULL OR person = $5)
ORDER BY seq LIMIT $2
