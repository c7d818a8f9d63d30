-- add_case_keys: keep the keys of new cases
INSERT INTO case_keys (case_id, wrapped) SELECT * FROM unnest($1::bigint[], $2::bytea[]) ON CONFLICT DO NOTHING
