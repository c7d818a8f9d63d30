-- drop_case_sightings: the places of cases that go, which are sealed to the notices role, not to the case's key
DELETE FROM sightings s USING cases c WHERE c.case_id = ANY ($1) AND s.sha256 = c.sha256 AND s.place = c.place RETURNING 1
