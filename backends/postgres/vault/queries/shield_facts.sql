-- shield_facts: as facts, of what may answer providers; besides kind, legality, and the digests that may be handed on
SELECT s.entry_id, s.live, s.size, d.pdqs, s.media,
    EXISTS (SELECT FROM entry_digests x WHERE x.entry_id = s.entry_id AND x.algorithm IN ('sha1', 'sha256')) AS sure,
    coalesce(s.kind, '') AS kind, s.legality, o.sha1, o.sha256
FROM shield_states s
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(digest), '{}') AS pdqs FROM (
        SELECT digest FROM entry_digests WHERE entry_id = s.entry_id AND algorithm = 'pdq' ORDER BY digest LIMIT 64
    ) k
) d
CROSS JOIN LATERAL (
    SELECT coalesce(min(digest) FILTER (WHERE algorithm = 'sha1'), '') AS sha1,
        coalesce(min(digest) FILTER (WHERE algorithm = 'sha256'), '') AS sha256
    FROM shield_disclosed WHERE entry_id = s.entry_id
) o
WHERE s.entry_id = ANY ($1::bigint[])
