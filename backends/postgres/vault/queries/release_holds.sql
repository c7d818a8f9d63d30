-- release_holds: entries are not held for these reasons any more, and never again
UPDATE holds SET released_at = $3 WHERE entry_id = ANY ($1::bigint[]) AND reason = ANY ($2::text[]) AND released_at IS NULL
