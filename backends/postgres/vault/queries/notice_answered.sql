-- notice_answered: somebody has answered a notice; $3: it was not delivered
UPDATE notices
SET answered_at = coalesce(answered_at, $2),
    state = CASE WHEN $3::boolean AND state IN ('made', 'sending', 'accepted') THEN 'bounced' ELSE state END
WHERE notice_id = $1;
