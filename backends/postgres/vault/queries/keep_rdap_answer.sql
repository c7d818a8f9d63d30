-- keep_rdap_answer: keep an answer in place of an older one
INSERT INTO rdap_answers AS a (question, asked_at, status, sealed) VALUES ($1, $2, $3, $4)
ON CONFLICT (question) DO UPDATE SET asked_at = excluded.asked_at, status = excluded.status, sealed = excluded.sealed
WHERE a.asked_at <= excluded.asked_at
