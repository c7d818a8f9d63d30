-- media_writers: transactions that have begun to write media and not ended
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = 'media'::regclass AND mode = 'RowExclusiveLock' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
