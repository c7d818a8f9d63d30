-- add_task: do something for a case at a time; what waits already is moved
INSERT INTO case_tasks (case_id, task, entry_id, due_at, tries) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (case_id, task, entry_id) DO UPDATE SET due_at = excluded.due_at, tries = excluded.tries
