-- audit_head: the last line of the audit, and what time it is (microseconds)
SELECT coalesce(h.seq, 0) AS seq, coalesce(h.mac, '') AS mac, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now
FROM (SELECT) one LEFT JOIN LATERAL (SELECT seq, mac FROM audit ORDER BY seq DESC LIMIT 1) h ON true
