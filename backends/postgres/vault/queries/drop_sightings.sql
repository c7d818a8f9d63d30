-- drop_sightings: sightings that go, unless they were seen again meanwhile
DELETE FROM sightings s USING unnest($1::bytea[], $2::bytea[]) AS n (sha256, place)
WHERE s.sha256 = n.sha256 AND s.place = n.place AND s.last_seen < $3
    AND NOT EXISTS (SELECT FROM cases c WHERE c.sha256 = s.sha256)
RETURNING 1
