-- drop_cases: cases without a key, and all rows that are theirs alone
WITH going AS (
    SELECT case_id FROM cases c WHERE case_id = ANY ($1) AND legal_hold = ''
        AND NOT EXISTS (SELECT FROM case_keys k WHERE k.case_id = c.case_id)),
entries AS (DELETE FROM case_entries USING going WHERE case_entries.case_id = going.case_id),
events AS (DELETE FROM case_events USING going WHERE case_events.case_id = going.case_id),
tasks AS (DELETE FROM case_tasks USING going WHERE case_tasks.case_id = going.case_id),
telling AS (DELETE FROM tells USING going WHERE tells.case_id = going.case_id),
looks AS (DELETE FROM rechecks USING going WHERE rechecks.case_id = going.case_id),
answers AS (DELETE FROM recheck_answers USING going WHERE recheck_answers.case_id = going.case_id),
shown AS (DELETE FROM shown_instead USING going WHERE shown_instead.case_id = going.case_id),
moves AS (DELETE FROM case_moves USING going WHERE case_moves.case_id = going.case_id),
claims AS (DELETE FROM review_claims USING going WHERE review_claims.case_id = going.case_id),
skips AS (DELETE FROM review_skips USING going WHERE review_skips.case_id = going.case_id),
decisions AS (DELETE FROM review_decisions USING going WHERE review_decisions.case_id = going.case_id),
handed AS (DELETE FROM handoffs USING going WHERE handoffs.case_id = going.case_id),
told AS (DELETE FROM notice_cases USING going WHERE notice_cases.case_id = going.case_id RETURNING notice_cases.notice_id),
sent AS (
    DELETE FROM notices n WHERE notice_id IN (SELECT notice_id FROM told)
        AND NOT EXISTS (
            SELECT FROM notice_cases x WHERE x.notice_id = n.notice_id AND x.case_id NOT IN (SELECT case_id FROM going)))
DELETE FROM cases USING going WHERE cases.case_id = going.case_id RETURNING cases.case_id
