-- audit_before: the last line before a time, of those that are not the last of all
SELECT seq, mac FROM audit
WHERE at < to_timestamp($1) AND seq < (SELECT max(seq) FROM audit) ORDER BY seq DESC LIMIT 1
