-- describe_entries: take over what a source now says about entries; held and standing are people's
UPDATE entries e SET category = k.category, series_id = k.series_id, note_key = k.note_key, note_sealed = k.note_sealed,
    size = k.size
FROM unnest($1::bigint[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bigint[])
    k (entry_id, category, series_id, note_key, note_sealed, size)
WHERE e.entry_id = k.entry_id
