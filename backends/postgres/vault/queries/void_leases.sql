-- void_leases: nobody is at anything: what was being done is due now
WITH asked AS (
    UPDATE rechecks SET asked_at = 0 WHERE asked_at <> 0
), tasks AS (
    UPDATE case_tasks SET due_at = $1::bigint WHERE task <> 'tick' AND due_at > $1::bigint
)
UPDATE notices SET next_at = $1::bigint WHERE state = 'sending' AND next_at > $1::bigint
