-- living: the shards that live
SELECT owner FROM shards WHERE lease_until >= $1 ORDER BY owner
