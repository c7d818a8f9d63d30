-- cases_by_number: cases by number, to be looked at
SELECT c.case_id, c.version, c.record, c.sealed, c.site, c.host, coalesce(k.wrapped, '') AS wrapped
FROM cases c LEFT JOIN case_keys k USING (case_id) WHERE c.case_id = ANY ($1::bigint[])
