-- add_entry_sites: keep the sites of entries, with the first and the last time
INSERT INTO entry_sites (entry_id, site, first_seen, last_seen)
SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bigint[])
ON CONFLICT (entry_id, site) DO UPDATE SET
    first_seen = least(entry_sites.first_seen, excluded.first_seen),
    last_seen = greatest(entry_sites.last_seen, excluded.last_seen)
WHERE excluded.last_seen > entry_sites.last_seen OR excluded.first_seen < entry_sites.first_seen
