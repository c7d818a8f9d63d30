-- tick_all: cases in these states are looked at then
INSERT INTO case_tasks (case_id, task, due_at) SELECT case_id, 'tick', $2::bigint FROM cases WHERE state = ANY ($1::text[])
ON CONFLICT (case_id, task, entry_id) DO UPDATE SET due_at = least(case_tasks.due_at, excluded.due_at)
