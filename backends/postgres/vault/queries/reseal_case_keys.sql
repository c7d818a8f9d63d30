-- reseal_case_keys: keys of cases sealed anew, where they are as they were read
UPDATE case_keys k SET wrapped = n.anew FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) AS n (case_id, wrapped, anew)
WHERE k.case_id = n.case_id AND k.wrapped = n.wrapped
