-- fence: the first statement of every transaction of a shard; fewer rows than asked for means that we are stale
UPDATE partitions p
SET urls_offset = f.urls_to, outcomes_offset = f.outcomes_to
FROM unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
    AS f (partition, epoch, urls_from, urls_to, outcomes_from, outcomes_to)
WHERE p.partition = f.partition AND p.epoch = f.epoch
    AND p.urls_offset = f.urls_from AND p.outcomes_offset = f.outcomes_from
RETURNING p.partition
