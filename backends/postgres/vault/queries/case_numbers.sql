-- case_numbers: the numbers of cases by (place, medium), of those that are open or were
SELECT c.place, c.sha256, c.case_id FROM unnest($1::bytea[], $2::bytea[]) k (place, sha256) JOIN cases c USING (place, sha256)
