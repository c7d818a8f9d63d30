-- take_notice: the next notice that is due is being sent; it is due again at $2 if nobody says what became of it
UPDATE notices SET state = 'sending', sent_at = $1::bigint, tries = tries + 1, next_at = $2::bigint
WHERE notice_id = (
    SELECT notice_id FROM notices WHERE state IN ('made', 'sending') AND next_at <= $1::bigint
    ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING notice_id
