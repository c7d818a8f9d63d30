-- next_due: when something is due next, answers to re-checks aside; NULL if nothing is
SELECT min(at) / 1000.0::double precision FROM (
    (SELECT due_at AS at FROM rechecks WHERE asked_at = 0 ORDER BY due_at LIMIT 1)
    UNION ALL (SELECT asked_at + $3::bigint FROM rechecks WHERE asked_at > 0 ORDER BY asked_at LIMIT 1)
    UNION ALL SELECT min(due_at) FROM case_tasks
    UNION ALL SELECT min(greatest(t.due_at - $4::bigint, r.told_at + $2::bigint)) FROM tells t JOIN recipients r ON r.key = t.recipient
    UNION ALL SELECT min(next_at) FROM notices WHERE state IN ('made', 'sending')
    UNION ALL SELECT $1::bigint WHERE EXISTS (SELECT FROM recheck_answers)
    UNION ALL SELECT $1::bigint WHERE EXISTS (SELECT FROM changed_media)
) k
