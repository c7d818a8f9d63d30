-- matches_page: the next matches with their places, by (medium, entry, place)
SELECT s.place, s.sealed, m.sha256, coalesce(d.media_type, '') AS media_type, m.algorithm, m.digest, m.distance, m.quality,
    m.turn, m.near, m.band, m.frames, m.at, l.names AS lists, b.name || '/' || e.member_entry_id AS entry, e.category,
    e.standing, e.series_id, coalesce(r.sealed, '') AS series_sealed, s.first_seen, s.last_seen, m.state,
    w.why = '' AS counts, w.why, m.entry_id
FROM matches m
JOIN sightings s USING (sha256)
JOIN entries e USING (entry_id)
JOIN members b USING (member_id)
LEFT JOIN media d USING (sha256)
LEFT JOIN series r ON r.series_id = e.series_id
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(name ORDER BY name), '{}') AS names
    FROM list_entries le JOIN list_sources USING (list_id) WHERE le.entry_id = m.entry_id
) l
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN e.standing = 'withdrawn' THEN 'withdrawn'
        WHEN e.held <> '' THEN e.held
        WHEN e.standing = 'held' THEN 'held'
        WHEN m.held <> '' THEN m.held
        WHEN m.state = 'refused'
            OR EXISTS (SELECT FROM suppressions x WHERE x.sha256 = m.sha256 AND x.entry_id = m.entry_id) THEN 'refused'
        ELSE '' END AS why
) w
WHERE (m.sha256, m.entry_id, s.place) > ($1::bytea, $2::bigint, $3::bytea)
    AND ($5::bytea[] IS NULL OR s.place = ANY ($5::bytea[]))
ORDER BY m.sha256, m.entry_id, s.place
LIMIT $4::integer
