-- drop_frame_videos: what was counted of digests that count no more needs not be kept
DELETE FROM frame_videos WHERE digest = ANY ($1::bytea[])
