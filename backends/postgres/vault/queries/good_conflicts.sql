-- good_conflicts: entries of other lists that share a digest with one of a known-good list, among these or their like
WITH alike AS (
    SELECT d.entry_id AS one, o.entry_id AS other
    FROM entry_digests d JOIN entry_digests o ON o.digest = d.digest AND o.algorithm = d.algorithm
    WHERE d.entry_id = ANY ($1::bigint[])
), pairs AS (SELECT one AS good, other AS bad FROM alike UNION SELECT other, one FROM alike)
SELECT DISTINCT bad FROM pairs
WHERE EXISTS (
    SELECT FROM list_entries JOIN list_sources USING (list_id) WHERE entry_id = good AND state <> 3 AND kind = 'known-good')
AND EXISTS (
    SELECT FROM list_entries JOIN list_sources USING (list_id) WHERE entry_id = bad AND state <> 3 AND kind <> 'known-good')
