-- add_move: the medium of a case moved to a place
INSERT INTO case_moves (place, case_id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
