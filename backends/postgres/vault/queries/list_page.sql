-- list_page: the next entries that a list carries
SELECT entry_id FROM list_entries WHERE entry_id > $2::bigint AND list_id = $1::integer AND state <> 3
ORDER BY entry_id LIMIT $3::integer
