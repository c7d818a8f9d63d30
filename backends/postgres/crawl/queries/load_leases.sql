-- load_leases: orders that are out
SELECT * FROM leases WHERE partition = ANY ($1::smallint[])
