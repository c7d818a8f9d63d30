-- add_entry_places: keep what entries explain where; the country is that of the newest sight
INSERT INTO entry_places (entry_id, sha256, place, site, host, country, first_seen, last_seen)
SELECT entry_id, sha256, place, site, host, country, first, last
FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[], $6::text[], $7::bigint[], $8::bigint[])
    k (entry_id, sha256, place, site, host, country, first, last)
ON CONFLICT (entry_id, sha256, place) DO UPDATE SET
    first_seen = least(entry_places.first_seen, excluded.first_seen),
    last_seen = greatest(entry_places.last_seen, excluded.last_seen),
    country = CASE WHEN excluded.last_seen > entry_places.last_seen AND excluded.country <> '' THEN excluded.country ELSE entry_places.country END
WHERE excluded.last_seen > entry_places.last_seen OR excluded.first_seen < entry_places.first_seen
