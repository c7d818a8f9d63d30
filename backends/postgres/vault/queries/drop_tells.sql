-- drop_tells: nothing else waits to be told of these cases
DELETE FROM tells t WHERE t.case_id = ANY ($1::bigint[]) AND NOT EXISTS (
    SELECT FROM unnest($2::bigint[], $3::bytea[], $4::text[], $5::text[]) k (case_id, place, kind, recipient)
    WHERE k.case_id = t.case_id AND k.place = t.place AND k.kind = t.kind AND k.recipient = t.recipient
)
