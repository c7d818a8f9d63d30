-- notices_of_case: the last notices that tell of a case, oldest first
SELECT * FROM (
    SELECT n.notice_id AS notice, n.kind, n.recipient, n.state, n.places, n.made_at, n.next_at, coalesce(n.sent_at, 0) AS sent_at,
        coalesce(n.accepted_at, 0) AS accepted_at, coalesce(n.answered_at, 0) AS answered_at, n.tries, n.said
    FROM notices n
    WHERE n.notice_id IN (SELECT notice_id FROM notice_cases WHERE case_id = $1::bigint)
    ORDER BY n.notice_id DESC LIMIT $2::integer
) l ORDER BY notice
