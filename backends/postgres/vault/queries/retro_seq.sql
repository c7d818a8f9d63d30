-- retro_seq: up to which change of entries everything stored has been matched
SELECT retro_seq FROM clock
