-- set_case_cursor: something was done so far
INSERT INTO case_cursors (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value
