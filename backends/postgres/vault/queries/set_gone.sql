-- set_gone: entries that a list's sync had deleted are gone from it
UPDATE list_entries SET state = 3 WHERE list_id = $1 AND entry_id = ANY ($2::bigint[]) AND state = 1
