-- addresses_of: what is known of some server addresses, with the orders that hold a permit there
SELECT a.address, a.sites, a.permits, a.next_at, a.strained_until,
    (SELECT count(*) FROM address_orders o WHERE o.address = a.address) AS orders
FROM addresses a WHERE a.address = ANY ($1::text[]) ORDER BY a.address
