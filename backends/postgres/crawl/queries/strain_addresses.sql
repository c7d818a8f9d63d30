-- strain_addresses: three sites of an address in 60 s answered 429, 503 or timed out: half the permits for ten minutes
UPDATE addresses a SET
    strained_sites = CASE WHEN a.strained_since < i.at - 60000 THEN ARRAY[i.site]
        WHEN a.strained_sites @> ARRAY[i.site] THEN a.strained_sites ELSE (a.strained_sites || i.site)[1:8] END,
    strained_since = CASE WHEN a.strained_since < i.at - 60000 THEN i.at ELSE a.strained_since END,
    strained_until = CASE WHEN a.strained_since >= i.at - 60000 AND cardinality(a.strained_sites) >= 2
        AND NOT a.strained_sites @> ARRAY[i.site] THEN i.at + 600000 ELSE a.strained_until END
FROM (SELECT $1::text AS address, $2::text AS site, $3::bigint AS at) i
WHERE a.address = i.address
