-- drop_reply_keys: keys of replies are destroyed
DELETE FROM reply_keys WHERE reply_id = ANY ($1)
