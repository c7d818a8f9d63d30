-- lock_cases: cases by number, locked in one order for all
SELECT c.case_id, c.version, c.record, c.sealed, c.site, c.host, coalesce(k.wrapped, '') AS wrapped
FROM (SELECT * FROM cases WHERE case_id = ANY ($1::bigint[]) ORDER BY case_id FOR UPDATE) c
LEFT JOIN case_keys k USING (case_id)
