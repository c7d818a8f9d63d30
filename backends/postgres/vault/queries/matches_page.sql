-- matches_page: the next matches with their places, by (medium, entry, place); of all places, or only of some
SELECT m.place, m.sealed, m.sha256, coalesce(d.media_type, '') AS media_type, m.algorithm, m.digest, m.distance, m.quality,
    m.turn, m.near, m.band, m.frames, m.at, l.names AS lists, b.name || '/' || e.member_entry_id AS entry, e.category,
    e.standing, e.series_id, coalesce(r.sealed, '') AS series_sealed, m.first_seen, m.last_seen, m.state,
    w.why = '' AS counts, w.why, m.evidence, m.entry_id
FROM (
    -- Whatever is joined below is joined to one page. Places are looked up by medium: nothing else indexes them, and matches
    -- are far fewer than sightings.
    SELECT v.*, s.place, s.sealed, s.first_seen, s.last_seen FROM matches v
    CROSS JOIN LATERAL (
        SELECT place, sealed, first_seen, last_seen FROM sightings x
        WHERE x.sha256 = v.sha256 AND ($5::bytea[] IS NULL OR x.place = ANY ($5::bytea[])) OFFSET 0
    ) s
    WHERE (v.sha256, v.entry_id) >= ($1::bytea, $2::bigint) AND (v.sha256, v.entry_id, s.place) > ($1::bytea, $2::bigint, $3::bytea)
    ORDER BY v.sha256, v.entry_id, s.place LIMIT $4::integer
) m
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
        WHEN NOT (SELECT live FROM entry_states x WHERE x.entry_id = m.entry_id) THEN 'unlisted'
        ELSE '' END AS why
) w
ORDER BY m.sha256, m.entry_id, m.place
