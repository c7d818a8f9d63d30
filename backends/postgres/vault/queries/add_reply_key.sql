-- add_reply_key: the key under which a reply is sealed
INSERT INTO reply_keys (reply_id, wrapped) VALUES ($1, $2);
