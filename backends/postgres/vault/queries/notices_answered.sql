-- notices_answered: the notices that a reply may name, by Message-ID $1 or number $2
SELECT notice_id, message_id
FROM notices
WHERE message_id = ANY ($1::text[]) OR notice_id = ANY ($2::bigint[]);
