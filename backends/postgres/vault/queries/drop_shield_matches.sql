-- drop_shield_matches: so many of them go
DELETE FROM shield_matches WHERE ctid = ANY (ARRAY(SELECT ctid FROM shield_matches WHERE at < $1 LIMIT $2)) RETURNING 1
