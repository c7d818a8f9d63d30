-- set_notice: what became of a notice
UPDATE notices SET state = $2, tries = $3, next_at = $4, sent_at = nullif($5::bigint, 0), accepted_at = nullif($6::bigint, 0), said = $7
WHERE notice_id = $1
