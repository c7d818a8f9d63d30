-- lock_notice: a notice, locked
SELECT * FROM notices WHERE notice_id = $1 FOR UPDATE
