-- insert_permits: orders that may be out at an address
INSERT INTO address_orders (address, order_id, until)
SELECT * FROM unnest($1::text[], $2::bytea[], $3::bigint[]) ON CONFLICT DO NOTHING
