-- lock_act: one at a time asks for an act
SELECT pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 0))
