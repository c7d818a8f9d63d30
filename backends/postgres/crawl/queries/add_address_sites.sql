-- add_address_sites: a site was found at an address
WITH new AS (
    INSERT INTO address_sites (address, site)
    SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) ORDER BY 1, 2 ON CONFLICT DO NOTHING RETURNING address
)
INSERT INTO addresses (address, sites) SELECT address, count(*) FROM new GROUP BY address ORDER BY address
ON CONFLICT (address) DO UPDATE SET sites = addresses.sites + excluded.sites
