-- rest_permits: orders that ended, whose permits rest a delay before another order may have them
UPDATE address_orders o SET until = i.until FROM unnest($1::text[], $2::bytea[], $3::bigint[]) i (address, order_id, until)
WHERE o.address = i.address AND o.order_id = i.order_id
