-- variants_of: entries of our own whose every parent is withdrawn, one of them among $1
SELECT DISTINCT v.entry_id FROM variants v
WHERE v.parent_id = ANY ($1::bigint[]) AND NOT EXISTS (
    SELECT FROM variants o JOIN entries e ON e.entry_id = o.parent_id
    WHERE o.entry_id = v.entry_id AND e.standing <> 'withdrawn')
