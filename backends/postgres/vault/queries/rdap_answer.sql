-- rdap_answer: what a registry answered to a question
SELECT asked_at, status, sealed FROM rdap_answers WHERE question = $1
