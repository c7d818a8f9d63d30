-- retry_notices: notices whose tries are used up, or that were refused or bounced, are due again: one $1, or with 0 all whose tries are used up
UPDATE notices SET state = 'made', next_at = $2::bigint, tries = 0
WHERE CASE WHEN $1::bigint = 0 THEN state = 'failed' ELSE notice_id = $1::bigint AND state IN ('failed', 'refused', 'bounced') END
RETURNING notice_id
