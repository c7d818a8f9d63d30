-- totals: what of kind $4 was seen on days $2 to $3 - 1, by the values of the dimension $1; each medium by its strongest verdict
WITH days AS MATERIALIZED (
    SELECT day, entry_id, sha256, site, host, country FROM entry_days WHERE day >= $2::integer AND day < $3::integer
), facts AS MATERIALIZED (
    SELECT c.* FROM (SELECT DISTINCT entry_id FROM days) k JOIN counted_entries c USING (entry_id) WHERE c.kind = $4::text
), pairs AS MATERIALIZED (
    SELECT m.sha256, m.entry_id, m.near, m.distance, CASE
        WHEN f.standing = 'disputed' THEN 2
        WHEN m.confirmed OR (f.standing = 'verified' AND NOT m.near) THEN 0
        ELSE 1 END AS rank
    FROM (SELECT DISTINCT sha256, entry_id FROM days) k
    JOIN facts f USING (entry_id)
    JOIN counted_pairs m USING (sha256, entry_id)
), leads AS MATERIALIZED (
    SELECT sha256, entry_id, rank, first_value(entry_id) OVER (PARTITION BY sha256 ORDER BY near, distance, entry_id) AS lead FROM pairs
), worth AS (
    -- Windows and not joins with sums of the same rows: the planner takes those for small, and would read them once a row.
    SELECT v.value, d.day, d.sha256, d.site, d.host, p.lead, min(p.rank) OVER (PARTITION BY v.value, d.sha256) AS rank
    FROM days d
    JOIN leads p USING (sha256, entry_id)
    JOIN facts f USING (entry_id)
    CROSS JOIN LATERAL (
        SELECT CASE $1::text WHEN 'category' THEN f.category WHEN 'series' THEN encode(f.series_id, 'hex')
            WHEN 'country' THEN d.country WHEN 'day' THEN d.day::text ELSE '' END AS value
        WHERE $1::text <> 'source'
        UNION ALL
        SELECT l.name FROM list_entries le JOIN list_sources l USING (list_id)
        WHERE $1::text = 'source' AND le.entry_id = d.entry_id AND le.state < 3 AND l.kind IN ('csam', 'child-exploitative')
    ) v
)
SELECT value, (ARRAY['verified', 'suspect', 'disputed'])[rank + 1] AS standing, count(DISTINCT sha256) AS media,
    count(DISTINCT lead) AS clusters, count(DISTINCT site) AS sites, count(DISTINCT host) AS hosts,
    min(day) AS first_day, max(day) AS last_day
FROM worth
GROUP BY value, rank
ORDER BY value, rank
