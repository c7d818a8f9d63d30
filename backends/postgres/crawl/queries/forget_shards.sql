-- forget_shards: those that are leaving, or silent for so long that nobody remembers them
DELETE FROM shards WHERE owner = $1 OR lease_until < $2
