-- handoff: what was handed to the assessment tool under this reference
SELECT reference, case_id AS "case", round, sha256, person, at FROM handoffs WHERE reference = $1
