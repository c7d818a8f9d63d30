-- touch_entries: let the index and the retro-match look at these entries again
UPDATE entries SET changed_seq = $2 WHERE entry_id = ANY ($1::bigint[])
