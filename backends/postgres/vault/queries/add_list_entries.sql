-- add_list_entries: a list carries known entries, and says this of them now
INSERT INTO list_entries (entry_id, list_id, import_id, record)
SELECT entry_id, $1::integer, $2::bigint, record FROM unnest($3::bigint[], $4::bigint[]) k (entry_id, record)
ON CONFLICT (entry_id, list_id) DO UPDATE SET state = 0, record = excluded.record,
    import_id = CASE WHEN list_entries.state = 0 THEN list_entries.import_id ELSE excluded.import_id END
