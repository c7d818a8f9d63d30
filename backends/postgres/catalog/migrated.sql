-- migrated: whether this database has ever been migrated
SELECT to_regclass('public.migrations') IS NOT NULL
