-- next_case_ids: numbers for so many new cases
SELECT nextval('cases_case_id_seq') FROM generate_series(1, $1::integer)
