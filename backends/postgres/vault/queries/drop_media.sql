-- drop_media: media that nothing refers to, of those that are locked
DELETE FROM media d
WHERE media_id = ANY ($1)
    AND NOT EXISTS (SELECT FROM sightings s WHERE s.sha256 = d.sha256)
    AND NOT EXISTS (SELECT FROM matches m WHERE m.sha256 = d.sha256)
    AND NOT EXISTS (SELECT FROM cases c WHERE c.sha256 = d.sha256)
RETURNING 1
