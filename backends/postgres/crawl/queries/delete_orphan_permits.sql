-- delete_orphan_permits: of orders that were never leased, but not those that rest after their order, which end soon; asked by whoever claims, true only if nobody else holds a partition
DELETE FROM address_orders o
WHERE o.until > $2 AND NOT EXISTS (SELECT 1 FROM leases l WHERE l.order_id = o.order_id)
    AND NOT EXISTS (SELECT 1 FROM partitions p WHERE p.owner <> $1)
