-- claim: take those of some partitions that are ours or whose owner's lease has run out
UPDATE partitions SET owner = $1, epoch = epoch + 1, lease_until = $3
WHERE partition = ANY ($4::smallint[]) AND (lease_until < $2 OR owner = $1)
RETURNING partition, epoch, urls_offset, outcomes_offset
