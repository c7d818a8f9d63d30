-- held_page: the next held entries
SELECT entry_id FROM entries WHERE held <> '' AND entry_id > $1::bigint ORDER BY entry_id LIMIT $2::integer
