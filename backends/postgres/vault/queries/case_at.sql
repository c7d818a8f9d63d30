-- case_at: the newest case at a place that is not closed
SELECT case_id FROM cases WHERE place = $1 AND state <> 'closed' ORDER BY case_id DESC LIMIT 1
