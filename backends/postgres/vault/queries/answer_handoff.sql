-- answer_handoff: remember an answer of the tool, each person's once
INSERT INTO handoff_answers (reference, person, at) VALUES ($1, $2, $3) ON CONFLICT (reference, person) DO NOTHING RETURNING at
