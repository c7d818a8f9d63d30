-- case_counts: how many cases there are in each state
SELECT state, count(*) AS many FROM cases GROUP BY state
