-- drop_claim: a person has done with a case
DELETE FROM review_claims
WHERE case_id = $1::bigint AND (person = $2::text OR ($3::bigint <> 0 AND account = $3::bigint))
