-- ask: somebody asks for an act that takes two people
INSERT INTO requests (act, subject, why, person, uid, machine, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
