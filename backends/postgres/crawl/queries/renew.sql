-- renew: hold on to what is ours
UPDATE partitions SET lease_until = $2 WHERE owner = $1
