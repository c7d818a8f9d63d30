-- keep_answer: an answer waits for the hasher's word on another medium
INSERT INTO recheck_answers (ticket, case_id, at, sha256, answer) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
