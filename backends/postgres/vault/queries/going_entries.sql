-- going_entries: entries that syncs of a list have deleted, and nobody has judged by how many
SELECT entry_id FROM list_entries WHERE list_id = $1 AND state = 1
