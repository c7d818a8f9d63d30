-- add_handoff: remember what is handed to the assessment tool; handed over again it is the same
INSERT INTO handoffs (reference, case_id, round, sha256, person, at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (reference) DO NOTHING
