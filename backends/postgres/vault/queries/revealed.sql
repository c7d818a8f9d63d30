-- revealed: places that somebody was shown since $3; the account 0 is everybody without one, by name
SELECT revealed_since($1, $2, to_timestamp($3))
