-- lock_controls: one operator at a time, until the end of its transaction: numbers must become visible in their order
SELECT pg_advisory_xact_lock($1)
