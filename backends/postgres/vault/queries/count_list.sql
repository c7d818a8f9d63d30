-- count_list: entries that a list carries
UPDATE list_sources SET entries = entries + $2 WHERE list_id = $1
