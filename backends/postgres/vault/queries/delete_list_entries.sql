-- delete_list_entries: a list has taken back entries; it is not known yet whether too many
UPDATE list_entries le SET state = 1, record = k.record
FROM unnest($2::bigint[], $3::bigint[]) k (entry_id, record)
WHERE le.entry_id = k.entry_id AND le.list_id = $1::integer AND le.state = 0
