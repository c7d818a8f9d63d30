-- add_frame_videos: keep what was counted
INSERT INTO frame_videos (digest, sha256, duration, frames)
SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::real[], $4::bytea[])
ON CONFLICT DO NOTHING
