-- case_file: a case, its key, its next re-check, and what is known of its medium
SELECT c.record, c.version, c.sealed, coalesce(k.wrapped, '') AS wrapped, coalesce(r.due_at, 0) AS next_check,
    coalesce(r.asked_at, 0) AS asked_at, c.state, c.opened_at, c.released_at, c.notified_at, c.acknowledged_at, c.gone_at,
    c.back_at, c.closed_at, coalesce(m.media_type, '') AS media_type, coalesce(m.size, 0) AS size, coalesce(m.width, 0) AS width,
    coalesce(m.height, 0) AS height, coalesce(m.duration, 0)::double precision AS duration,
    CASE WHEN c.state IN ('in_review', 'ready', 'held', 'unverifiable') THEN coalesce(
        (SELECT max(v.at) FROM case_events v WHERE v.case_id = c.case_id AND v.what = c.state), c.opened_at) END AS came_at
FROM cases c
LEFT JOIN case_keys k USING (case_id)
LEFT JOIN rechecks r USING (case_id)
LEFT JOIN media m USING (sha256)
WHERE c.case_id = $1::bigint
