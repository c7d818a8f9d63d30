-- known_entries: which of these entries exist, and what list $3 said of each last (its checksum; null: nothing yet)
SELECT k.n::integer, e.entry_id, e.standing, l.record, l.state
FROM unnest($1::integer[], $2::text[]) WITH ORDINALITY k (member_id, member_entry_id, n)
JOIN entries e ON e.member_id = k.member_id AND e.member_entry_id = k.member_entry_id
LEFT JOIN list_entries l ON l.entry_id = e.entry_id AND l.list_id = $3::integer
