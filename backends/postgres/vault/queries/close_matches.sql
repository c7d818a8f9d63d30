-- close_matches: what withdrawn entries caused; open matches are closed, confirmed ones stay and count for nothing
WITH closed AS (
    UPDATE matches SET state = 'closed' WHERE entry_id = ANY ($1::bigint[]) AND state = 'open' RETURNING entry_id
)
SELECT entry_id, 'closed' AS what, count(*)::text AS many FROM closed GROUP BY entry_id
UNION ALL
SELECT entry_id, 'marked', count(*)::text FROM matches
WHERE entry_id = ANY ($1::bigint[]) AND state = 'confirmed' GROUP BY entry_id
