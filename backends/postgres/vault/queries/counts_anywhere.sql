-- counts_anywhere: whether a medium is stored, and matches any entry that counts
SELECT EXISTS (SELECT FROM media WHERE sha256 = $1::bytea) AS stored,
    EXISTS (SELECT FROM counted_pairs p JOIN entry_states s USING (entry_id) WHERE p.sha256 = $1::bytea AND s.live) AS counts
