-- seed_of: whether a URL was given as a seed
SELECT seq, url, added_at, taken_at, why FROM seeds WHERE url = $1
