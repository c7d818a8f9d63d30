-- matched_only_by: those of entries $2 that no other list than $1 lets match
SELECT k.entry_id FROM unnest($2::bigint[]) k (entry_id)
WHERE NOT EXISTS (
    SELECT FROM list_entries le JOIN list_sources l USING (list_id)
    WHERE le.entry_id = k.entry_id AND le.list_id <> $1::integer AND le.state = 0 AND 'match' = ANY (l.uses)
        AND l.kind IN ('csam', 'child-exploitative'))
