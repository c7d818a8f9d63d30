-- tick_all: the next $4 cases behind $3 in these states are looked at then; each is locked first, as by whoever writes its tick
WITH next AS MATERIALIZED (
    SELECT case_id FROM cases WHERE state = ANY ($1::text[]) AND case_id > $3::bigint ORDER BY case_id LIMIT $4::integer FOR UPDATE
)
INSERT INTO case_tasks (case_id, task, due_at) SELECT case_id, 'tick', $2::bigint FROM next
ON CONFLICT (case_id, task, entry_id) DO UPDATE SET due_at = least(case_tasks.due_at, excluded.due_at)
RETURNING case_id
