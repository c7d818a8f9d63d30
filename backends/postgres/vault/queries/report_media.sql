-- report_media: what of kind $3 was seen on days $1 to $2 - 1: a row a day, medium, host and country, with the strongest verdict's standing
WITH days AS MATERIALIZED (
    SELECT DISTINCT day, entry_id, sha256, host, country FROM entry_days WHERE day >= $1::integer AND day < $2::integer
), facts AS MATERIALIZED (
    SELECT c.* FROM (SELECT DISTINCT entry_id FROM days) k JOIN counted_entries c USING (entry_id) WHERE c.kind = $3::text
), pairs AS MATERIALIZED (
    SELECT m.sha256, m.entry_id, f.category, f.series_id, m.near, m.distance, CASE
        WHEN f.standing = 'disputed' THEN 2
        WHEN m.confirmed OR (f.standing = 'verified' AND NOT m.near) THEN 0
        ELSE 1 END AS rank
    FROM (SELECT DISTINCT sha256, entry_id FROM days) k
    JOIN facts f USING (entry_id)
    JOIN counted_pairs m USING (sha256, entry_id)
), media AS MATERIALIZED (
    SELECT DISTINCT ON (sha256) sha256, entry_id AS lead, category, series_id, min(rank) OVER (PARTITION BY sha256) AS rank
    FROM pairs ORDER BY sha256, near, distance, entry_id
), first AS MATERIALIZED (
    SELECT m.sha256, (SELECT min(p.first_seen) FROM pairs k JOIN entry_places p USING (entry_id, sha256) WHERE k.sha256 = m.sha256) AS at
    FROM media m
)
SELECT DISTINCT d.day, d.sha256, d.host, d.country, m.category, m.series_id AS series, m.lead, m.rank,
    coalesce(f.at / 86400000, d.day)::integer AS first_day
FROM days d
JOIN pairs k USING (sha256, entry_id)
JOIN media m USING (sha256)
JOIN first f USING (sha256)
