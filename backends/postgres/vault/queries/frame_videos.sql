-- frame_videos: the unrelated videos that were counted for these digests
SELECT digest, sha256, duration, frames FROM frame_videos WHERE digest = ANY ($1::bytea[]) ORDER BY digest, sha256
