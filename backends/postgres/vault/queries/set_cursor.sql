-- set_cursor: from where a list's source is to be asked next
UPDATE list_sources SET cursor = $2 WHERE list_id = $1
