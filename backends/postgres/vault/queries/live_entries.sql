-- live_entries: those of the entries that may match now
SELECT entry_id FROM entry_states WHERE entry_id = ANY ($1::bigint[]) AND live
