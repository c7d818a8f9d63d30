-- count_shield_matches: what Shield has told before $1
SELECT count(*) FROM shield_matches WHERE at < $1
