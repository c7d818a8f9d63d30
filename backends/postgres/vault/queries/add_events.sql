-- add_events: what became of entries, and who said what
INSERT INTO entry_events (entry_id, at, what, organisation, person, why)
SELECT k.entry_id, $1::bigint, k.what, k.organisation, $2::text, k.why
FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[]) k (entry_id, what, organisation, why)
