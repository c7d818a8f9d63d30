-- end_stop: a stop is over before its time
UPDATE do_not_notify SET ended_at = $2, why = why || $3 WHERE stop_id = $1 AND ended_at IS NULL AND (until = 0 OR until > $2)
