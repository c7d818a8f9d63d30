-- case_media: what is known of media at places
SELECT q.place, q.sha256, coalesce(m.size, 0) AS size, coalesce(m.media_type, '') AS media_type, coalesce(s.etag, '') AS etag,
    coalesce(s.head_sha256, '') AS head_sha256, coalesce(s.first_seen, 0) AS first_seen, coalesce(s.last_seen, 0) AS last_seen
FROM unnest($1::bytea[], $2::bytea[]) q (place, sha256)
LEFT JOIN media m ON m.sha256 = q.sha256
LEFT JOIN sightings s ON s.sha256 = q.sha256 AND s.place = q.place
