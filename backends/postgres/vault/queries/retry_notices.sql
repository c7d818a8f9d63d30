-- retry_notices: notices whose tries are used up, or that were refused, bounced or held, are due again: one $1, or with 0 all whose tries are used up; somebody may have one that was handed over
UPDATE notices SET state = 'made', next_at = $2::bigint, tries = least(tries, 1)
WHERE CASE WHEN $1::bigint = 0 THEN state = 'failed' ELSE notice_id = $1::bigint AND state IN ('failed', 'refused', 'bounced', 'held') END
RETURNING notice_id
