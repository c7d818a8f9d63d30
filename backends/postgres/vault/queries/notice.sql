-- notice: a notice, only to be looked at
SELECT * FROM notices WHERE notice_id = $1
