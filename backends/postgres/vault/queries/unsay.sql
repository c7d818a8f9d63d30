-- unsay: an organisation's word here on an entry is taken back
DELETE FROM opinions WHERE entry_id = $1 AND organisation = $2 AND list_id = 0
