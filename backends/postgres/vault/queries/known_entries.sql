-- known_entries: which of these entries exist, and whether what describes them differs
SELECT k.n::integer, e.entry_id,
    (e.category, e.series_id, e.note_key, e.size) IS DISTINCT FROM (k.category, k.series_id, k.note_key, k.size) AS differs
FROM unnest($1::integer[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::bigint[]) WITH ORDINALITY
    k (member_id, member_entry_id, category, series_id, note_key, size, n)
JOIN entries e ON e.member_id = k.member_id AND e.member_entry_id = k.member_entry_id
