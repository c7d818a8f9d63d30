-- reply_of_key: the number of a reply that was kept already
SELECT reply_id FROM replies WHERE key = $1;
