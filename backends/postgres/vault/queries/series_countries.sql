-- series_countries: what of kind $2 was seen of a series in each country
SELECT p.country, count(DISTINCT p.sha256) AS media, count(DISTINCT p.site) AS sites, count(DISTINCT p.host) AS hosts
FROM entries e
JOIN counted_entries c USING (entry_id)
JOIN counted_pairs m USING (entry_id)
JOIN entry_places p USING (entry_id, sha256)
WHERE e.series_id = $1::bytea AND e.series_id <> '' AND c.kind = $2::text
GROUP BY p.country ORDER BY media DESC, p.country
