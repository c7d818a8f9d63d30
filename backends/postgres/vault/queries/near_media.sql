-- near_media: media above $2 with near verdicts of entries $1 that count
SELECT DISTINCT sha256 FROM matches
WHERE entry_id = ANY ($1::bigint[]) AND sha256 > $2::bytea AND near AND algorithm = 'pdq' AND held = ''
ORDER BY sha256 LIMIT $3::integer
