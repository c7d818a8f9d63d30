-- old_media: a page of media behind $1, and which of them nothing refers to any more
SELECT d.media_id, d.seen_at < $2
    AND NOT EXISTS (SELECT FROM sightings s WHERE s.sha256 = d.sha256)
    AND NOT EXISTS (SELECT FROM matches m WHERE m.sha256 = d.sha256)
    AND NOT EXISTS (SELECT FROM cases c WHERE c.sha256 = d.sha256) AS goes
FROM (SELECT media_id, sha256, seen_at FROM media WHERE media_id > $1 ORDER BY media_id LIMIT $3) d
ORDER BY d.media_id
