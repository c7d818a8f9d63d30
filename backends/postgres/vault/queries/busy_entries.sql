-- busy_entries: sites of the entries that may match, were never released from holds for $4, and have more than $3 sites since $2
SELECT s.entry_id, array_agg(s.site) AS sites, array_agg(s.first_seen) AS firsts, array_agg(s.last_seen) AS lasts
FROM unnest($1::bigint[]) k (entry_id)
JOIN entry_states e USING (entry_id)
JOIN entry_sites s USING (entry_id)
WHERE e.live AND s.last_seen >= $2::bigint AND NOT EXISTS (
    SELECT FROM holds h WHERE h.entry_id = k.entry_id AND h.reason = $4::text AND h.released_at IS NOT NULL)
GROUP BY s.entry_id
HAVING count(*) > $3::bigint
