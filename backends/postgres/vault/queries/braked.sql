-- braked: when the first notice about each entry was made, and to whom in its first day
SELECT f.entry_id, f.first / 1000.0::double precision AS first_at, array_agg(t.recipient ORDER BY t.recipient) AS recipients
FROM (SELECT entry_id, min(told_at) AS first FROM entry_told WHERE entry_id = ANY ($1::bigint[]) GROUP BY entry_id) f
JOIN entry_told t ON t.entry_id = f.entry_id AND t.told_at < f.first + 86400000
GROUP BY f.entry_id, f.first
