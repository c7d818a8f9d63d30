-- put_off_task: do something for a case later
INSERT INTO case_tasks (case_id, task, entry_id, due_at, tries) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (case_id, task, entry_id) DO UPDATE SET due_at = excluded.due_at, tries = excluded.tries
