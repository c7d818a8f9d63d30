-- add_cases: open cases where there are none; those that are new
INSERT INTO cases (case_id, opened_at, changed_at, entry_id, near, place, sha256, site, host, state, why, kind, legality, category,
    country, recipient, record, sealed)
OVERRIDING SYSTEM VALUE
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[], $6::bytea[], $7::bytea[], $8::bytea[],
    $9::bytea[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::bytea[],
    $18::bytea[])
ON CONFLICT (place, sha256) DO NOTHING
RETURNING case_id
