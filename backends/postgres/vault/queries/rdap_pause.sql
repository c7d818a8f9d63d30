-- rdap_pause: ask a server no more before $2, and at least $3 ms from $4, twice as long after each failure in a row, at most $5
INSERT INTO rdap_servers AS s (server, next_at, failures) VALUES ($1, greatest($2::bigint, $4::bigint + $3::bigint), 1)
ON CONFLICT (server) DO UPDATE SET
    next_at = greatest(s.next_at, $2::bigint, $4::bigint + least($3::bigint * (1 << least(s.failures, 16)), $5::bigint)),
    failures = least(s.failures, 1000) + 1
