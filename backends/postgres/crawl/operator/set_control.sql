-- set_control: an operator's word; the newest on a target wins
INSERT INTO controls (verb, target, value, why, until, added_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (verb, target) DO UPDATE SET seq = nextval('controls_seq_seq'), value = excluded.value, why = excluded.why,
    until = excluded.until, added_at = excluded.added_at
RETURNING seq
