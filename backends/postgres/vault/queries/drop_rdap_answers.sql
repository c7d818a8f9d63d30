-- drop_rdap_answers: some of the answers that are older than $1
DELETE FROM rdap_answers WHERE question IN (SELECT question FROM rdap_answers WHERE asked_at < $1 ORDER BY asked_at LIMIT 100)
