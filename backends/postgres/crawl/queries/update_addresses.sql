-- update_addresses: when the next order may go to an address
UPDATE addresses a SET next_at = greatest(a.next_at, i.next_at)
FROM (SELECT address, max(next_at) AS next_at FROM unnest($1::text[], $2::bigint[]) x (address, next_at) GROUP BY address) i
WHERE a.address = i.address
