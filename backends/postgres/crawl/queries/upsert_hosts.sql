-- upsert_hosts: hosts as the shard knows them
INSERT INTO hosts (bucket, host_id, host, site, found_at, next_at, due_at, lane, queued, urls, fetched, errors, why, mean, delay, crawl_delay,
    paused_until, paused_why, addresses, addresses_until, matches, traps)
SELECT bucket, host_id, host, site, found_at, next_at, due_at, lane, queued, urls, fetched, errors, why, mean, delay, crawl_delay,
    paused_until, paused_why, string_to_array(addresses, ' '), addresses_until, matches, traps
FROM unnest($1::smallint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::smallint[],
    $9::integer[], $10::bigint[], $11::bigint[], $12::integer[], $13::text[], $14::real[], $15::real[], $16::bigint[],
    $17::text[], $18::text[], $19::bigint[], $20::integer[], $21::bytea[], $22::real[])
    i (bucket, host_id, host, site, found_at, next_at, due_at, lane, queued, urls, fetched, errors, why, mean, delay,
    paused_until, paused_why, addresses, addresses_until, matches, traps, crawl_delay)
ON CONFLICT (bucket, host_id) DO UPDATE SET site = excluded.site, next_at = excluded.next_at, due_at = excluded.due_at,
    lane = excluded.lane, queued = excluded.queued, urls = excluded.urls, fetched = excluded.fetched, errors = excluded.errors,
    why = excluded.why, mean = excluded.mean, delay = excluded.delay, paused_until = excluded.paused_until,
    paused_why = excluded.paused_why, addresses = excluded.addresses, addresses_until = excluded.addresses_until,
    matches = excluded.matches, traps = excluded.traps, crawl_delay = excluded.crawl_delay
