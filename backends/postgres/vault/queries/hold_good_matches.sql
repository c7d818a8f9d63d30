-- hold_good_matches: hold what was matched of media whose file came on a known-good list with an entry changed in ($1, $2]
WITH good AS (
    SELECT DISTINCT d.algorithm, d.digest
    FROM entries e
    JOIN list_entries le ON le.entry_id = e.entry_id AND le.state <> 3
    JOIN list_sources l ON l.list_id = le.list_id AND l.kind = 'known-good'
    JOIN entry_digests d ON d.entry_id = e.entry_id AND d.algorithm <> 'pdq'
    WHERE e.changed_seq > $1::bigint AND e.changed_seq <= $2::bigint
), seen AS (
    SELECT m.sha256 FROM good g JOIN media m ON m.sha256 = g.digest WHERE g.algorithm = 'sha256'
    UNION SELECT m.sha256 FROM good g JOIN media m ON m.sha1 = g.digest WHERE g.algorithm = 'sha1'
    UNION SELECT m.sha256 FROM good g JOIN media m ON m.md5 = g.digest WHERE g.algorithm = 'md5'
)
UPDATE matches SET held = 'known_good' FROM seen WHERE matches.sha256 = seen.sha256 AND matches.held = ''
    AND matches.state = 'open' AND NOT matches.released
RETURNING matches.entry_id
