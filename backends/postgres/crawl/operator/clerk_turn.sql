-- clerk_turn: whether this session is the one that speaks for all frontier processes; it stays so until it ends
SELECT pg_try_advisory_lock($1)
