-- delete_leases_of: orders that ended
DELETE FROM leases WHERE order_id = ANY ($1::bytea[])
