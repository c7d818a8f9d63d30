-- claim: take every partition whose owner's lease has run out
UPDATE partitions SET owner = $1, epoch = epoch + 1, lease_until = $3
WHERE lease_until < $2 OR owner = $1
RETURNING partition, epoch, urls_offset, outcomes_offset
