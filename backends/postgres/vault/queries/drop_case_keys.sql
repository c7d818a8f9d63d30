-- drop_case_keys: keys of cases are destroyed, and with them those of what was answered (a trigger)
DELETE FROM case_keys WHERE case_id = ANY ($1)
