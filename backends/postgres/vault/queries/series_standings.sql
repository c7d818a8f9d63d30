-- series_standings: entries of a series by standing
SELECT standing, count(*) AS entries FROM entries WHERE series_id = $1::bytea AND series_id <> '' GROUP BY standing ORDER BY standing
