-- Frontier processes that are alive: by their number a shard knows how many partitions are its share.

CREATE TABLE shards (
    owner text PRIMARY KEY,
    lease_until bigint NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE shards IS 'frontier processes that have said lately that they live';
