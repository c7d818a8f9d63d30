-- team_stats: what the team did from $1 until before $2, and what waits now
WITH said AS (
    SELECT * FROM review_decisions WHERE at >= $1::bigint AND at < $2::bigint
), spoken AS (
    -- While one person alone has spoken of a case, no sum tells their word.
    SELECT s.* FROM said s WHERE EXISTS (
        SELECT FROM review_decisions o WHERE o.case_id = s.case_id AND o.round = s.round AND (o.person, o.account) <> (s.person, s.account))
), rounds AS (
    SELECT case_id, round, count(DISTINCT decision) AS words, count(*) AS people FROM said GROUP BY case_id, round
)
SELECT (SELECT count(*) FROM cases WHERE state = 'in_review') AS waiting,
    (SELECT count(*) FROM cases c WHERE c.state = 'in_review' AND EXISTS (
        SELECT FROM review_decisions d WHERE d.case_id = c.case_id AND d.at >= coalesce(c.back_at, 0))) AS waiting_second,
    (SELECT coalesce(min(opened_at), 0) FROM cases WHERE state = 'in_review') AS oldest,
    (SELECT coalesce(jsonb_object_agg(decision, many), '{}')::text
        FROM (SELECT decision, count(*) AS many FROM spoken GROUP BY decision) d) AS decided,
    (SELECT coalesce(jsonb_object_agg(basis, many), '{}')::text FROM (SELECT basis, count(*) AS many FROM spoken GROUP BY basis) b) AS by_basis,
    (SELECT count(*) FROM rounds WHERE people >= 2) AS cases_decided,
    (SELECT count(*) FROM rounds WHERE words >= 2) AS disagreed,
    (SELECT count(*) FROM handoffs WHERE at >= $1::bigint AND at < $2::bigint) AS handed_off,
    (SELECT count(*) FROM handoff_answers WHERE at >= $1::bigint AND at < $2::bigint) AS answered
