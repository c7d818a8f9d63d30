-- set_source: how a list is trusted and used, and its login if one is named; whether its entries are still judged by that
UPDATE list_sources SET trust = $2, uses = $3::text[], may_notify = $4, may_notify_by = $5::text[],
    credentials = coalesce(nullif($6, ''), credentials),
    judged = judged AND trust = $2 AND uses @> $3::text[] AND uses <@ $3::text[]
WHERE list_id = $1
RETURNING judged
