-- report_hosts: who is told of media on a host, by its last case
SELECT DISTINCT ON (c.host) c.host, r.name
FROM cases c JOIN recipients r ON r.key = c.recipient
WHERE c.host <> ''
ORDER BY c.host, c.case_id DESC
