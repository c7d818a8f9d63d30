-- sealed_sightings: a page of sealed places
SELECT sha256, place, sealed FROM sightings WHERE (sha256, place) > ($1, $2) ORDER BY sha256, place LIMIT $3
