-- case_evidence: the entries that explain a case, with its verdicts on them, exact and near ones by distance
SELECT e.entry_id AS entry, b.name || '/' || e.member_entry_id AS name, l.lists, l.kinds, e.standing,
    CASE WHEN e.held <> '' THEN e.held ELSE coalesce(m.held, '') END AS held, e.category, e.legality, e.act, e.age, e.generated,
    coalesce(m.near, true) AS near, coalesce(m.algorithm, '') AS algorithm, coalesce(m.distance, 0) AS distance,
    coalesce(m.band, 0) AS band, coalesce(m.quality, 0) AS quality, coalesce(m.turn, 0) AS turn, coalesce(m.frames, 0) AS frames,
    coalesce(m.state, 'closed') AS state, o.organisations, o.verdicts, o.whys
FROM case_entries k
JOIN cases c ON c.case_id = k.case_id
JOIN entries e ON e.entry_id = k.entry_id
JOIN members b ON b.member_id = e.member_id
LEFT JOIN matches m ON m.sha256 = c.sha256 AND m.entry_id = k.entry_id
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(s.name ORDER BY s.name), '{}') AS lists, coalesce(array_agg(DISTINCT s.kind), '{}') AS kinds
    FROM list_entries le JOIN list_sources s USING (list_id) WHERE le.entry_id = e.entry_id AND le.state <> 3
) l
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(organisation ORDER BY organisation, list_id), '{}') AS organisations,
        coalesce(array_agg(verdict ORDER BY organisation, list_id), '{}') AS verdicts,
        coalesce(array_agg(why ORDER BY organisation, list_id), '{}') AS whys
    FROM opinions WHERE entry_id = e.entry_id
) o
WHERE k.case_id = $1::bigint
ORDER BY near, distance, entry
LIMIT $2::integer
