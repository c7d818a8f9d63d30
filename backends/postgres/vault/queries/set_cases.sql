-- set_cases: keep what became of cases, each as it was read; those that are kept
UPDATE cases c SET version = c.version + 1, changed_at = k.changed_at, released_at = nullif(k.released_at, 0),
    notified_at = nullif(k.notified_at, 0), accepted_at = nullif(k.accepted_at, 0), acknowledged_at = nullif(k.acknowledged_at, 0),
    first_absent_at = nullif(k.first_absent_at, 0), gone_at = nullif(k.gone_at, 0), back_at = nullif(k.back_at, 0),
    closed_at = nullif(k.closed_at, 0), entry_id = k.entry_id, near = k.near, one_route = k.one_route, escalate = k.escalate,
    paused = k.paused, state = k.state, why = k.why, kind = k.kind, legality = k.legality, category = k.category,
    country = k.country, recipient = k.recipient, legal_hold = k.legal_hold, record = k.record, sealed = coalesce(k.sealed, c.sealed)
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
    $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::boolean[], $14::boolean[], $15::boolean[], $16::boolean[],
    $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[], $24::text[], $25::bytea[],
    $26::bytea[])
    k (case_id, version, changed_at, released_at, notified_at, accepted_at, acknowledged_at, first_absent_at, gone_at, back_at,
    closed_at, entry_id, near, one_route, escalate, paused, state, why, kind, legality, category, country, recipient, legal_hold,
    record, sealed)
WHERE c.case_id = k.case_id AND c.version = k.version
RETURNING c.case_id
