-- known_for_standing: all that decides the standing of entries
SELECT e.entry_id, b.name AS member, e.standing, e.held, l.kinds, l.trusted, l.own, l.states, o.organisations, o.verdicts, o.sure,
    (SELECT array_agg(reason) FROM holds h WHERE h.entry_id = e.entry_id AND released_at IS NULL) AS holds,
    EXISTS (
        SELECT FROM entry_digests d JOIN list_sources s USING (list_id)
        WHERE d.entry_id = e.entry_id AND s.trust <> 'verified') AS mixed
FROM entries e
JOIN members b USING (member_id)
CROSS JOIN LATERAL (
    SELECT array_agg(s.kind) AS kinds, array_agg(s.trust = 'verified') AS trusted,
        array_agg(lower(s.name) = lower(b.name)) AS own, array_agg(le.state) AS states
    FROM list_entries le JOIN list_sources s USING (list_id) WHERE le.entry_id = e.entry_id
) l
CROSS JOIN LATERAL (
    SELECT array_agg(p.organisation) AS organisations, array_agg(p.verdict) AS verdicts,
        array_agg(p.list_id = 0 OR s.trust = 'verified') AS sure
    FROM opinions p LEFT JOIN list_sources s USING (list_id) WHERE p.entry_id = e.entry_id
) o
WHERE e.entry_id = ANY ($1::bigint[])
