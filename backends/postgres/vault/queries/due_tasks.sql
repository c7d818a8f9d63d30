-- due_tasks: tasks that are due and that nobody else is at
SELECT case_id, task, due_at / 1000.0::double precision AS due_at, tries, entry_id FROM case_tasks
WHERE task = $1::text AND due_at <= $2::bigint ORDER BY due_at LIMIT $3::integer FOR UPDATE SKIP LOCKED
