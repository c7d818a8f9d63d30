-- shield_known_good: which of some files (SHA-256, SHA-1, MD5; empty where not known), from 0, a known-good list has
SELECT DISTINCT (k.number - 1)::integer AS number
FROM unnest($1::bytea[], $2::bytea[], $3::bytea[]) WITH ORDINALITY k (sha256, sha1, md5, number)
CROSS JOIN LATERAL (VALUES ('sha256', k.sha256), ('sha1', k.sha1), ('md5', k.md5)) f (algorithm, digest)
JOIN shield_good g ON g.digest = f.digest AND g.algorithm = f.algorithm
