-- export_page: the next entries of a list, or only those that changed since number $4 or time $5; withdrawn ones only then
SELECT e.entry_id, b.name AS member, e.member_entry_id, e.category, e.series_id, coalesce(r.sealed, '') AS series_sealed, e.note_key,
    e.note_sealed, e.size, e.legality, e.act, e.age, e.generated, e.media, e.standing = 'withdrawn' OR p.state = 3 AS deleted,
    d.algorithms, d.digests, q.names, q.blobs, o.organisations, o.verdicts, o.whys
FROM (
    SELECT le.entry_id, le.state FROM list_entries le JOIN entries x USING (entry_id)
    WHERE le.entry_id > $2::bigint AND le.list_id = $1::integer AND x.standing <> 'held'
        AND CASE WHEN $4::bigint = 0 THEN le.state <> 3 AND x.standing <> 'withdrawn' ELSE x.changed_seq >= $4::bigint
            OR EXISTS (SELECT FROM entry_events v WHERE v.entry_id = le.entry_id AND v.at >= $5::bigint) END
    ORDER BY le.entry_id LIMIT $3::integer
) p
JOIN entries e USING (entry_id)
JOIN members b USING (member_id)
LEFT JOIN series r ON r.series_id = e.series_id
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(algorithm ORDER BY algorithm, digest), '{}') AS algorithms,
        coalesce(array_agg(digest ORDER BY algorithm, digest), '{}') AS digests
    FROM entry_digests WHERE entry_id = e.entry_id AND (list_id = $1::integer OR also @> ARRAY[$1::integer])
) d
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(name ORDER BY name, value), '{}') AS names, coalesce(array_agg(value ORDER BY name, value), '{}') AS blobs
    FROM entry_opaque WHERE entry_id = e.entry_id
) q
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(organisation ORDER BY organisation), '{}') AS organisations,
        coalesce(array_agg(verdict ORDER BY organisation), '{}') AS verdicts, coalesce(array_agg(why ORDER BY organisation), '{}') AS whys
    FROM opinions WHERE entry_id = e.entry_id AND list_id IN (0, $1::integer) AND organisation <> ''
) o
ORDER BY e.entry_id
