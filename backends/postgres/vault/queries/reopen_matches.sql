-- reopen_matches: matches that the withdrawal of these entries had closed
WITH opened AS (
    UPDATE matches SET state = 'open' WHERE entry_id = ANY ($1::bigint[]) AND state = 'closed' RETURNING entry_id
)
SELECT entry_id, 'reopened' AS what, count(*)::text AS many FROM opened GROUP BY entry_id
