-- sealed_notes: a page of sealed notes of entries
SELECT entry_id, note_sealed FROM entries WHERE entry_id > $1 AND note_sealed <> '' ORDER BY entry_id LIMIT $2
