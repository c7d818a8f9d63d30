-- add_address_sites: a site was found at an address, whose row is locked
WITH new AS (
    INSERT INTO address_sites (address, site)
    SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING RETURNING address
)
UPDATE addresses a SET sites = a.sites + n.sites
FROM (SELECT address, count(*) AS sites FROM new GROUP BY address) n WHERE a.address = n.address
