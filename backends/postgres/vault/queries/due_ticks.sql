-- due_ticks: cases whose time has come
SELECT case_id FROM case_tasks WHERE task = 'tick' AND due_at <= $1::bigint ORDER BY due_at LIMIT $2::integer
