-- count_list: entries that a list carries, and whether it brings opinions
UPDATE list_sources SET entries = entries + $2, says = says OR $3 WHERE list_id = $1
