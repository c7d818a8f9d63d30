-- rdap_turn: take the next turn $3 ms after the last one at a server, unless it is later than $2 + $4; when it is
INSERT INTO rdap_servers AS s (server, next_at) VALUES ($1, $2 + $3)
ON CONFLICT (server) DO UPDATE SET next_at = greatest(s.next_at, $2) + $3 WHERE s.next_at <= $2 + $4
RETURNING s.next_at - $3
