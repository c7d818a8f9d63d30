-- good_media: those of some media (SHA-256, SHA-1, MD5) whose file a known-good list has
SELECT DISTINCT k.sha256
FROM unnest($1::bytea[], $2::bytea[], $3::bytea[]) k (sha256, sha1, md5)
CROSS JOIN LATERAL (VALUES ('sha256', k.sha256), ('sha1', k.sha1), ('md5', k.md5)) f (algorithm, digest)
JOIN entry_digests d ON d.digest = f.digest AND d.algorithm = f.algorithm
JOIN list_entries le ON le.entry_id = d.entry_id AND le.state <> 3
JOIN list_sources l ON l.list_id = le.list_id AND l.kind = 'known-good'
