-- take_moves: cases whose media moved to these places
DELETE FROM case_moves WHERE place = ANY ($1::bytea[]) RETURNING place, case_id
