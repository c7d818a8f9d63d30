-- sightings_of: all places of some media
SELECT s.sha256, s.place, s.sealed, s.last_seen
FROM unnest($1::bytea[]) k (sha256) JOIN sightings s USING (sha256)
