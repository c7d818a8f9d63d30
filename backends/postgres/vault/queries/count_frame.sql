-- count_frame: so many unrelated videos show a frame, near these entries besides those before
UPDATE frame_counts SET videos = $2, stopped = $3, entries = (SELECT array_agg(DISTINCT k) FROM unnest(entries || $4::bigint[]) k)
WHERE digest = $1
