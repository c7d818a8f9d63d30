-- facts: whether these entries may match now, and what else deciding needs of them
SELECT s.entry_id, s.live, s.size, d.pdqs, e.media,
    EXISTS (SELECT FROM entry_digests x WHERE x.entry_id = s.entry_id AND x.algorithm IN ('sha1', 'sha256')) AS sure
FROM entry_states s JOIN entries e USING (entry_id)
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(digest), '{}') AS pdqs FROM (
        SELECT digest FROM entry_digests WHERE entry_id = s.entry_id AND algorithm = 'pdq' ORDER BY digest LIMIT 64
    ) k
) d
WHERE s.entry_id = ANY ($1::bigint[])
