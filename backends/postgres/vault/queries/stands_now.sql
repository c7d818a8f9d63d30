-- stands_now: the entries that explain media as they stand now, the strongest first
SELECT m.sha256, m.entry_id, m.near, m.algorithm, m.distance, e.standing, coalesce(k.kind, 'other') AS kind, e.legality, e.category,
    coalesce(k.notify, false) AS notify,
    CASE WHEN e.held <> '' THEN e.held WHEN e.standing = 'held' THEN 'held' ELSE m.held END AS held,
    s.live, m.state = 'confirmed' AS confirmed,
    m.state = 'refused' OR EXISTS (SELECT FROM suppressions x WHERE x.sha256 = m.sha256 AND x.entry_id = m.entry_id) AS refused,
    e.changed_seq <= c.retro_seq AS guarded
FROM unnest($1::bytea[]) q (sha256)
JOIN matches m USING (sha256)
JOIN entries e USING (entry_id)
JOIN entry_states s USING (entry_id)
CROSS JOIN clock c
CROSS JOIN LATERAL (
    -- Where lists disagree on the kind, the lower one holds.
    SELECT (ARRAY['csam', 'child-exploitative', 'ncii-adult', 'self-reported-minor', 'other'])[max(array_position(
            ARRAY['csam', 'child-exploitative', 'ncii-adult', 'self-reported-minor', 'other'], l.kind))] AS kind,
        bool_or(l.may_notify AND 'notify' = ANY (l.uses) AND l.kind = 'csam' AND le.state = 0) AS notify
    FROM list_entries le JOIN list_sources l USING (list_id)
    WHERE le.entry_id = m.entry_id AND le.state < 3 AND l.kind <> 'known-good'
) k
ORDER BY m.sha256, m.near, m.distance, m.entry_id
