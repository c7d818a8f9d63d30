-- lock_audit: one at a time adds a line to the audit
SELECT pg_advisory_xact_lock(hashtextextended('audit', 0))
