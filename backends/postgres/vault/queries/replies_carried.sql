-- replies_carried: cases have heard of these replies
UPDATE replies SET carried_at = $2 WHERE reply_id = ANY ($1::bigint[]) AND carried_at IS NULL;
