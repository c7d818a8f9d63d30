-- new_seeds: seeds that no frontier has taken
SELECT seq, url FROM seeds WHERE taken_at = 0 ORDER BY seq LIMIT $1
