-- record_reveal: somebody is about to see places
INSERT INTO audit (person, uid, machine, verb, purpose, places) VALUES ($1, $2, $3, $4, $5, $6)
