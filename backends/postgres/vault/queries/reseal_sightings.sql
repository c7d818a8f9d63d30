-- reseal_sightings: places sealed anew, where they are as they were read
UPDATE sightings s SET sealed = n.anew
FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[]) AS n (sha256, place, sealed, anew)
WHERE s.sha256 = n.sha256 AND s.place = n.place AND s.sealed = n.sealed
