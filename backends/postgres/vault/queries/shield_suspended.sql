-- shield_suspended: accounts whose near answers are suspended
SELECT DISTINCT account FROM shield_suspensions WHERE lifted_at IS NULL
