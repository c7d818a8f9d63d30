-- drop_rechecks: cases are not looked at any more
DELETE FROM rechecks WHERE case_id = ANY ($1::bigint[])
