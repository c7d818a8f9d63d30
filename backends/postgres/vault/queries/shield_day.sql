-- shield_day: what an account has used of a day
SELECT questions, near FROM shield_days WHERE account = $1::bigint AND day = $2::integer
