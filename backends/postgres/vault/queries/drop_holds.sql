-- drop_holds: entries are not held for this reason any more: their list has mended them
DELETE FROM holds WHERE entry_id = ANY ($1::bigint[]) AND reason = $2 AND released_at IS NULL
RETURNING entry_id
