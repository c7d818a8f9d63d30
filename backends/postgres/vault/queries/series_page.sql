-- series_page: the next series, or the one with the id $2, with what of kind $4 was seen of them
SELECT r.series_id, r.sealed, n.entries, f.media, f.sightings, f.sites, f.hosts, f.first_seen, f.last_seen
FROM (
    SELECT series_id, sealed FROM series
    WHERE series_id > $1::bytea AND ($2::bytea IS NULL OR series_id = $2::bytea)
    ORDER BY series_id LIMIT $3::integer
) r
CROSS JOIN LATERAL (SELECT count(*) AS entries FROM entries e WHERE e.series_id = r.series_id AND e.series_id <> '') n
CROSS JOIN LATERAL (
    SELECT count(DISTINCT p.sha256) AS media, count(DISTINCT (p.sha256, p.place)) AS sightings, count(DISTINCT p.site) AS sites,
        count(DISTINCT p.host) AS hosts, coalesce(min(p.first_seen), 0) AS first_seen, coalesce(max(p.last_seen), 0) AS last_seen
    FROM entries e
    JOIN counted_entries c USING (entry_id)
    JOIN counted_pairs m USING (entry_id)
    JOIN entry_places p USING (entry_id, sha256)
    WHERE e.series_id = r.series_id AND e.series_id <> '' AND c.kind = $4::text
) f
ORDER BY r.series_id
