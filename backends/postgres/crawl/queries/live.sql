-- live: say that a shard lives
INSERT INTO shards (owner, lease_until) VALUES ($1, $2)
ON CONFLICT (owner) DO UPDATE SET lease_until = excluded.lease_until
