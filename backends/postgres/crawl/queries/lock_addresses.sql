-- lock_addresses: the addresses that nobody else is looking at, with what is out there
SELECT a.address, a.sites, a.next_at, a.strained_until,
    (SELECT count(*) FROM address_orders o WHERE o.address = a.address AND o.until > $2) AS out
FROM addresses a WHERE a.address = ANY ($1::text[])
ORDER BY a.address FOR UPDATE OF a SKIP LOCKED
