-- add_frames: known digests that frames of videos are near
INSERT INTO frame_counts (digest) SELECT digest FROM unnest($1::bytea[]) k (digest) ON CONFLICT DO NOTHING
