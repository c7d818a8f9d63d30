-- leases_of: the orders of one host that are out
SELECT kind, address, issued_at, deadline, url_ids FROM leases WHERE bucket = $1 AND host_id = $2 ORDER BY issued_at
