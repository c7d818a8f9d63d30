-- partitions: who holds what, and how far each topic was read
SELECT partition, owner, epoch, lease_until, urls_offset, outcomes_offset FROM partitions ORDER BY partition
