-- holders: who holds what
SELECT partition, owner, epoch, lease_until FROM partitions ORDER BY partition
