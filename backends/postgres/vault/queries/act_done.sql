-- act_done: an act was done for those who asked for it
UPDATE requests SET done_at = $3 WHERE act = $1 AND subject = $2 AND done_at IS NULL
