-- held_of_list: up to $3 entries of a list that are held for this reason
SELECT entry_id FROM entries e WHERE held <> ''
    AND EXISTS (SELECT FROM list_entries le WHERE le.entry_id = e.entry_id AND le.list_id = $1::integer)
    AND CASE WHEN $2::text = 'mass_deletion' THEN EXISTS (
        SELECT FROM list_entries le WHERE le.entry_id = e.entry_id AND le.list_id = $1::integer AND le.state = 2)
    ELSE EXISTS (SELECT FROM holds h WHERE h.entry_id = e.entry_id AND h.reason = $2::text AND h.released_at IS NULL) END
ORDER BY entry_id LIMIT $3::integer
