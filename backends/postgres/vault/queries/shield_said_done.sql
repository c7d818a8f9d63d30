-- shield_said_done: it is an opinion now
UPDATE shield_opinions SET done_at = $2::bigint WHERE opinion_id = $1::bigint AND done_at IS NULL
