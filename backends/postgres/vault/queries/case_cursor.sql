-- case_cursor: how far something was done, locked
SELECT value FROM case_cursors WHERE name = $1 FOR UPDATE
