-- reseal_reply_keys: keys of replies sealed anew, where they are as they were read
UPDATE reply_keys k SET wrapped = n.anew FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) AS n (reply_id, wrapped, anew)
WHERE k.reply_id = n.reply_id AND k.wrapped = n.wrapped
