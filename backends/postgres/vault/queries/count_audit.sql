-- count_audit: lines of the audit up to $1
SELECT count(*) FROM audit WHERE seq <= $1
