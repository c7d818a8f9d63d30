-- old_sightings: a page of sightings behind ($1, $2), and which of them go: last seen before $3, no match, no case
SELECT s.sha256, s.place, s.last_seen < $3
    AND NOT EXISTS (
        SELECT FROM matches m WHERE m.sha256 = s.sha256 AND m.state <> 'refused'
            AND NOT EXISTS (SELECT FROM suppressions x WHERE x.sha256 = m.sha256 AND x.entry_id = m.entry_id))
    AND NOT EXISTS (SELECT FROM cases c WHERE c.sha256 = s.sha256) AS goes
FROM (SELECT sha256, place, last_seen FROM sightings WHERE (sha256, place) > ($1, $2) ORDER BY sha256, place LIMIT $4) s
ORDER BY s.sha256, s.place
