-- lock_touched_addresses: in one order for all shards, or else two of them that end orders at the same addresses may block each other
SELECT FROM addresses WHERE address = ANY ($1::text[]) ORDER BY address FOR UPDATE
