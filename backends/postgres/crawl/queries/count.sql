-- count: add to the counters of a partition
INSERT INTO counters (partition, name, value)
SELECT * FROM unnest($1::smallint[], $2::text[], $3::bigint[])
ON CONFLICT (partition, name) DO UPDATE SET value = counters.value + excluded.value
