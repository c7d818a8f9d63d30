-- add_media: keep media by SHA-256; frames are filled in where an earlier try had none, under a new number (`pdq_blocks`)
INSERT INTO media (sha256, sha1, md5, size, seen_at, media_type, width, height, duration, why, frames)
SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bigint[], $6::text[], $7::integer[],
    $8::integer[], $9::real[], $10::text[], $11::bytea[])
ON CONFLICT (sha256) DO UPDATE SET media_id = DEFAULT, media_type = excluded.media_type, width = excluded.width,
    height = excluded.height, duration = excluded.duration, why = excluded.why, frames = excluded.frames
WHERE media.frames = '' AND excluded.frames <> ''
