-- controls: operators' words, in the order given
SELECT seq, verb, target, value, why, until, added_at FROM controls ORDER BY seq
