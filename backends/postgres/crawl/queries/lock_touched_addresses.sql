-- lock_touched_addresses: in one order for all shards: two that touch the same addresses must not wait for each other
SELECT FROM addresses WHERE address = ANY ($1::text[]) ORDER BY address FOR UPDATE
