-- living: the shards and when their leases end
SELECT owner, lease_until FROM shards ORDER BY owner
