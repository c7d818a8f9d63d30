-- shield_changed: as changed_entries, with what may answer providers as live
WITH e AS MATERIALIZED (
    SELECT entry_id, changed_seq FROM entries
    WHERE (changed_seq, entry_id) > ($1::bigint, $2::bigint) AND changed_seq <= $3::bigint
    ORDER BY changed_seq, entry_id
    LIMIT $4::integer
)
SELECT e.entry_id, e.changed_seq, s.live, d.algorithms, d.digests
FROM e
JOIN shield_states s USING (entry_id)
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(algorithm), '{}') AS algorithms, coalesce(array_agg(digest), '{}') AS digests
    FROM entry_digests WHERE entry_id = e.entry_id
) d
ORDER BY e.changed_seq, e.entry_id
