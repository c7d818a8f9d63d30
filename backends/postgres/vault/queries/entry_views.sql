-- entry_views: entries for people
SELECT e.entry_id, b.name || '/' || e.member_entry_id AS name, l.lists, l.kinds, e.standing, e.held, e.category, e.legality, e.act,
    e.age, e.generated, e.size, e.series_id, d.algorithms, d.digests, o.organisations, o.verdicts, o.whys
FROM entries e
JOIN members b USING (member_id)
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(s.name ORDER BY s.name), '{}') AS lists, coalesce(array_agg(DISTINCT s.kind), '{}') AS kinds
    FROM list_entries le JOIN list_sources s USING (list_id) WHERE le.entry_id = e.entry_id AND le.state <> 3
) l
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(algorithm ORDER BY algorithm, digest), '{}') AS algorithms,
        coalesce(array_agg(digest ORDER BY algorithm, digest), '{}') AS digests
    FROM entry_digests WHERE entry_id = e.entry_id
) d
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(organisation ORDER BY organisation, list_id), '{}') AS organisations,
        coalesce(array_agg(verdict ORDER BY organisation, list_id), '{}') AS verdicts,
        coalesce(array_agg(why ORDER BY organisation, list_id), '{}') AS whys
    FROM opinions WHERE entry_id = e.entry_id
) o
WHERE e.entry_id = ANY ($1::bigint[])
ORDER BY e.entry_id
