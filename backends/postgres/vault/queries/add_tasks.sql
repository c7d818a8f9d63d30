-- add_tasks: do things for cases at their times; what waits already is done at the earlier time
INSERT INTO case_tasks (case_id, task, entry_id, due_at, tries)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::integer[])
ON CONFLICT (case_id, task, entry_id) DO UPDATE SET due_at = excluded.due_at
WHERE case_tasks.due_at > excluded.due_at AND case_tasks.tries = 0
