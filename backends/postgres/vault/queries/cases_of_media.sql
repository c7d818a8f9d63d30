-- cases_of_media: numbers of the cases of media
SELECT case_id FROM cases WHERE sha256 = ANY ($1::bytea[]) ORDER BY case_id
