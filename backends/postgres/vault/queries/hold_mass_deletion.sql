-- hold_mass_deletion: what a list's sync deleted waits for two people
WITH waiting AS (UPDATE list_entries SET state = 2 WHERE list_id = $1 AND state = 1 RETURNING entry_id)
UPDATE entries e SET held = 'mass_deletion' FROM waiting w WHERE e.entry_id = w.entry_id AND e.held = 'deletion'
