-- skip_review: a case is not put before this person until then
INSERT INTO review_skips (case_id, person, account, until) VALUES ($1, $2, $3, $4)
ON CONFLICT (case_id, account, person) DO UPDATE SET until = excluded.until
