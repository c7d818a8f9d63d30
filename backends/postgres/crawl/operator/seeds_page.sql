-- seeds_page: seeds after a number
SELECT seq, url, added_at, taken_at, why FROM seeds WHERE seq > $1 ORDER BY seq LIMIT $2
