-- count_decision: a decision, for the team's sums; a repeated one counts once
INSERT INTO review_decisions (case_id, round, account, person, decision, basis, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (case_id, round, account, person) DO NOTHING
