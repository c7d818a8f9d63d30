-- tells_told: who waited to be told of these is in a notice now
DELETE FROM tells t USING unnest($3::bigint[], $4::bytea[]) k (case_id, place)
WHERE t.case_id = k.case_id AND t.place = k.place AND t.kind = $1::text AND t.recipient = $2::text
