-- report_notices: notices that were accepted from $1 until $2
SELECT n.accepted_at, coalesce(r.name, n.recipient) AS provider, coalesce(r.country, '') AS country, n.kind, n.places, n.state = 'written' AS dry
FROM notices n
LEFT JOIN recipients r ON r.key = n.recipient
WHERE n.accepted_at >= $1::bigint AND n.accepted_at < $2::bigint
ORDER BY n.notice_id
