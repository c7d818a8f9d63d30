-- set_source: how a list is trusted and used
UPDATE list_sources SET trust = $2, uses = $3::text[], may_notify = $4, may_notify_by = $5::text[] WHERE list_id = $1
