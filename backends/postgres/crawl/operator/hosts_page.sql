-- hosts_page: hosts by name pattern, after a host
SELECT * FROM hosts WHERE host LIKE $1 AND host > $2 ORDER BY host LIMIT $3
