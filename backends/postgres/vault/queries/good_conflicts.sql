-- good_conflicts: entries of other lists that a known-good list has too ($2), or one of their digests: of entries $1 and their like
WITH alike AS (
    SELECT d.entry_id AS one, o.entry_id AS other
    FROM entry_digests d JOIN entry_digests o ON o.digest = d.digest AND o.algorithm = d.algorithm AND o.entry_id <> d.entry_id
    WHERE d.entry_id = ANY ($1::bigint[])
), pairs AS (
    SELECT one AS good, other AS bad FROM alike UNION ALL SELECT other, one FROM alike
    UNION ALL SELECT entry_id, entry_id FROM unnest($2::bigint[]) k (entry_id)
)
SELECT DISTINCT bad FROM pairs
WHERE EXISTS (
    SELECT FROM list_entries JOIN list_sources USING (list_id) WHERE entry_id = good AND state <> 3 AND kind = 'known-good')
AND EXISTS (
    SELECT FROM list_entries JOIN list_sources USING (list_id) WHERE entry_id = bad AND state <> 3 AND kind <> 'known-good')
