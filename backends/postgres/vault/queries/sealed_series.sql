-- sealed_series: a page of sealed names of series
SELECT series_id, sealed FROM series WHERE series_id > $1 ORDER BY series_id LIMIT $2
