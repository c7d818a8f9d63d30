-- counters: all counters, summed over partitions
SELECT name, sum(value)::bigint FROM counters GROUP BY name
