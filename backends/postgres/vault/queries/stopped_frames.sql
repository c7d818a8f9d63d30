-- stopped_frames: those of the digests that count no more in videos
SELECT digest FROM frame_counts WHERE digest = ANY ($1::bytea[]) AND stopped
