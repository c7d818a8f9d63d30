-- delete_permits: orders that are no longer out at their address
DELETE FROM address_orders o USING unnest($1::text[], $2::bytea[]) i (address, order_id)
WHERE o.address = i.address AND o.order_id = i.order_id
