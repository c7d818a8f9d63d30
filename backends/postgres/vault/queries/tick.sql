-- tick: say that entries have changed, and when
WITH change AS (INSERT INTO changes (seq, at) VALUES ($1, $2)) UPDATE clock SET seq = $1
