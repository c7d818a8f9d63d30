-- shield_forget: drop what is kept too long: matches told before $1, opinions that were handed on before it, days before $2
WITH matches AS (DELETE FROM shield_matches WHERE at < $1::bigint RETURNING 1),
    days AS (DELETE FROM shield_days WHERE day < $2::integer RETURNING 1)
SELECT (SELECT count(*) FROM matches) + (SELECT count(*) FROM days)
