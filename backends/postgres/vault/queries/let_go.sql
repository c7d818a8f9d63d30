-- let_go: deletions that waited for two people take effect
WITH gone AS (
    UPDATE list_entries SET state = 3 WHERE entry_id = ANY ($1::bigint[]) AND state = 2 RETURNING list_id
)
UPDATE list_sources s SET entries = s.entries - g.many
FROM (SELECT list_id, count(*) AS many FROM gone GROUP BY list_id) g WHERE s.list_id = g.list_id
