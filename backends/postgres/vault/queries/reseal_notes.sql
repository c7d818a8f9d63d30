-- reseal_notes: notes of entries sealed anew, where they are as they were read
UPDATE entries e SET note_sealed = n.anew FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) AS n (entry_id, note_sealed, anew)
WHERE e.entry_id = n.entry_id AND e.note_sealed = n.note_sealed
