-- add_opinions: keep what organisations say of entries, by the list that handed it on; what is new, with the reason
INSERT INTO opinions (entry_id, organisation, verdict, why, list_id, person, said_at)
SELECT k.*, $5::integer, $6::text, $7::bigint FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) k
ON CONFLICT (entry_id, organisation, list_id) DO UPDATE SET verdict = excluded.verdict, why = excluded.why,
    person = excluded.person, said_at = excluded.said_at
WHERE (opinions.verdict, opinions.why) IS DISTINCT FROM (excluded.verdict, excluded.why)
RETURNING entry_id, organisation, verdict, why
