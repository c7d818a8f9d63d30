-- lock_free_cases: cases by number, locked, without those that others have locked
SELECT c.case_id, c.version, c.record, c.sealed, c.site, c.host, coalesce(k.wrapped, '') AS wrapped
FROM (SELECT * FROM cases WHERE case_id = ANY ($1::bigint[]) ORDER BY case_id FOR UPDATE SKIP LOCKED) c
LEFT JOIN case_keys k USING (case_id)
