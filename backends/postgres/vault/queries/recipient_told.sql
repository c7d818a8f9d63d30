-- recipient_told: a notice to a recipient was made
UPDATE recipients SET told_at = greatest(told_at, $2::bigint) WHERE key = $1::text
