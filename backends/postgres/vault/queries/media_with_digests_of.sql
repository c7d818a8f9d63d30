-- media_with_digests_of: media that share a cryptographic digest with a live entry changed in ($1, $2]
WITH fresh AS (
    SELECT d.algorithm, d.digest
    FROM entry_states s JOIN entry_digests d USING (entry_id)
    WHERE s.changed_seq > $1::bigint AND s.changed_seq <= $2::bigint AND s.live AND d.algorithm <> 'pdq'
)
SELECT m.sha256 FROM fresh f JOIN media m ON m.sha256 = f.digest WHERE f.algorithm = 'sha256'
UNION
SELECT m.sha256 FROM fresh f JOIN media m ON m.sha1 = f.digest WHERE f.algorithm = 'sha1'
UNION
SELECT m.sha256 FROM fresh f JOIN media m ON m.md5 = f.digest WHERE f.algorithm = 'md5'
