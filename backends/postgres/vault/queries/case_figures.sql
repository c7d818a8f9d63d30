-- case_figures: what metrics show of cases, notices and re-checks at a moment
SELECT 'cases:' || state AS name, count(*)::double precision AS value FROM cases GROUP BY state
UNION ALL SELECT 'notices:' || state, count(*) FROM notices GROUP BY state
UNION ALL SELECT 'lookups', count(*) FROM case_tasks WHERE task = 'lookup'
UNION ALL SELECT 'tells', count(*) FROM tells
UNION ALL SELECT 'rechecks:due', count(*) FROM rechecks WHERE asked_at = 0 AND due_at <= $1::bigint
UNION ALL SELECT 'rechecks:asked', count(*) FROM rechecks WHERE asked_at > 0
UNION ALL SELECT 'rechecks:waiting', count(*) FROM rechecks WHERE asked_at = -1
UNION ALL SELECT 'rechecks:late', count(*) FROM rechecks WHERE asked_at > 0 AND asked_at <= $2::bigint
UNION ALL SELECT 'recheck_age', coalesce(max($1::bigint - due_at), 0) / 1000.0 FROM rechecks WHERE asked_at = 0 AND due_at <= $1::bigint
UNION ALL SELECT 'outbox_age', coalesce(max($1::bigint - made_at), 0) / 1000.0 FROM notices WHERE state IN ('made', 'sending')
