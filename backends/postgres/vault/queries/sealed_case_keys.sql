-- sealed_case_keys: a page of the keys of cases that were not destroyed
SELECT case_id, wrapped FROM case_keys WHERE case_id > $1 AND wrapped <> '' ORDER BY case_id LIMIT $2
