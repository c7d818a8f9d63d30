-- next_entry_ids: the last of so many numbers for new entries; whoever asks has locked the clock
SELECT setval('entries_entry_id_seq', nextval('entries_entry_id_seq') + $1::bigint - 1)
