-- reseal_series: names of series sealed anew, where they are as they were read
UPDATE series s SET sealed = n.anew FROM unnest($1::bytea[], $2::bytea[], $3::bytea[]) AS n (series_id, sealed, anew)
WHERE s.series_id = n.series_id AND s.sealed = n.sealed
