-- set_match_state: what people have decided of a verdict
UPDATE matches SET state = $3 WHERE sha256 = $1 AND entry_id = $2
