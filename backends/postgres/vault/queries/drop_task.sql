-- drop_task: something was done for a case
DELETE FROM case_tasks WHERE case_id = $1 AND task = $2 AND entry_id = $3
