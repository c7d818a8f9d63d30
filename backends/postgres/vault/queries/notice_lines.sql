-- notice_lines: the next notices by number after $2, at most $3, of states $1 (empty: any)
SELECT notice_id AS notice, kind, recipient, state, places, made_at, next_at, coalesce(sent_at, 0) AS sent_at,
    coalesce(accepted_at, 0) AS accepted_at, coalesce(answered_at, 0) AS answered_at, tries, said
FROM notices
WHERE notice_id > $2::bigint AND (cardinality($1::text[]) = 0 OR state = ANY ($1::text[]))
ORDER BY notice_id
LIMIT $3::integer
