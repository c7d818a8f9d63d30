-- audit_chain: a page of the audit with all that binds it
SELECT seq, (extract(epoch FROM at) * 1000000)::bigint AS at, person, account, person_role, verb, purpose, places, subject, uid, machine,
    previous, mac
FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2
