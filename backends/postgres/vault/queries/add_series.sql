-- add_series: keep the sealed names of series
INSERT INTO series (series_id, sealed) SELECT * FROM unnest($1::bytea[], $2::bytea[]) ON CONFLICT (series_id) DO NOTHING
