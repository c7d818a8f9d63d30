-- take_moves: it was seen to what places the media of these cases moved
DELETE FROM case_moves m USING unnest($1::bytea[], $2::bigint[]) k (place, case_id) WHERE m.place = k.place AND m.case_id = k.case_id
