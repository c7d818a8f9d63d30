-- clock_seqs: the last change of entries, and up to which everything stored was matched
SELECT seq, retro_seq FROM clock
