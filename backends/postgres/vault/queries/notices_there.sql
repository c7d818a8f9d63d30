-- notices_there: which of these notices are kept
SELECT notice_id FROM notices WHERE notice_id = ANY ($1::bigint[])
