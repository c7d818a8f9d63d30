-- set_retro_seq: move that number forward
UPDATE clock SET retro_seq = greatest(retro_seq, $1::bigint)
