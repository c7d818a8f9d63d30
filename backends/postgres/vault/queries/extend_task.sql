-- extend_task: who does something for a case is still at it
UPDATE case_tasks SET due_at = $4 WHERE case_id = $1 AND task = $2 AND entry_id = $3
