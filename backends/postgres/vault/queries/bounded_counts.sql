-- bounded_counts: verdicts, counted up to a bound, and entries, which the lists count themselves
WITH m AS (SELECT near FROM matches LIMIT $1)
SELECT (SELECT count(*) FILTER (WHERE NOT near) FROM m) AS exact, (SELECT count(*) FILTER (WHERE near) FROM m) AS near,
    (SELECT count(*) FROM m) >= $1 AS more, (SELECT coalesce(sum(entries), 0) FROM list_sources)::bigint AS entries
