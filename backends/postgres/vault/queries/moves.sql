-- moves: cases whose media moved to these places
SELECT place, case_id FROM case_moves WHERE place = ANY ($1::bytea[]) ORDER BY place, case_id
