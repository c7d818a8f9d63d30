-- rdap_turn: take the next turn $3 ms after the last one at a server, unless it is later than $2 + $4; when it is
INSERT INTO rdap_servers AS s (server, next_at) VALUES ($1, $2::bigint + $3::bigint)
ON CONFLICT (server) DO UPDATE SET next_at = greatest(s.next_at, $2::bigint) + $3::bigint WHERE s.next_at <= $2::bigint + $4::bigint
RETURNING s.next_at - $3::bigint
