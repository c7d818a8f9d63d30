-- describe_entries: take over what a list says of entries now, unless only a trusted one may ($12: this one is); those that changed
UPDATE entries e SET category = k.category, series_id = k.series_id, note_key = k.note_key,
    note_sealed = CASE WHEN e.note_key = k.note_key THEN e.note_sealed ELSE k.note_sealed END,
    size = k.size, legality = k.legality, act = k.act, age = k.age, generated = k.generated, media = k.media
FROM unnest($1::bigint[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bigint[], $7::text[], $8::text[], $9::text[],
    $10::boolean[], $11::text[]) k (entry_id, category, series_id, note_key, note_sealed, size, legality, act, age, generated, media)
WHERE e.entry_id = k.entry_id
    AND (e.category, e.series_id, e.note_key, e.size, e.legality, e.act, e.age, e.generated, e.media)
        IS DISTINCT FROM (k.category, k.series_id, k.note_key, k.size, k.legality, k.act, k.age, k.generated, k.media)
    AND ($12::boolean OR NOT EXISTS (
        SELECT FROM list_entries le JOIN list_sources l USING (list_id)
        WHERE le.entry_id = e.entry_id AND le.state <> 3 AND l.trust = 'verified'))
RETURNING e.entry_id
