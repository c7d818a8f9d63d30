-- entries_named: the entries with one of these names
SELECT e.entry_id FROM unnest($1::text[], $2::text[]) k (member, name)
JOIN members b ON b.name = k.member
JOIN entries e ON e.member_id = b.member_id AND e.member_entry_id = k.name
ORDER BY e.entry_id
