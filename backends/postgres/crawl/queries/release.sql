-- release: give partitions up, for anybody to claim at once
UPDATE partitions SET owner = '', lease_until = 0 WHERE owner = $1 AND partition = ANY ($2::smallint[])
