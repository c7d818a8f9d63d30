-- cases_of_media: numbers of the cases of media that are not closed
SELECT case_id FROM cases WHERE sha256 = ANY ($1::bytea[]) AND state <> 'closed' ORDER BY case_id
