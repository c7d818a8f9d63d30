-- drop_answer: a kept answer was dealt with
DELETE FROM recheck_answers WHERE ticket = $1
