-- lock_frames: how often these were counted; nobody else counts any of them until we commit
SELECT digest, videos, stopped, entries FROM frame_counts WHERE digest = ANY ($1::bytea[]) ORDER BY digest FOR UPDATE
