-- set_ticks: when time alone may change something of cases (0: never)
WITH gone AS (
    DELETE FROM case_tasks t USING unnest($1::bigint[], $2::bigint[]) k (case_id, at)
    WHERE t.case_id = k.case_id AND t.task = 'tick' AND k.at = 0
)
INSERT INTO case_tasks (case_id, task, due_at)
SELECT case_id, 'tick', at FROM unnest($1::bigint[], $2::bigint[]) k (case_id, at) WHERE at > 0
ON CONFLICT (case_id, task, entry_id) DO UPDATE SET due_at = excluded.due_at WHERE case_tasks.due_at <> excluded.due_at
