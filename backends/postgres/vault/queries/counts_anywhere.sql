-- counts_anywhere: whether a medium matches any entry that counts
SELECT EXISTS (SELECT FROM counted_pairs p JOIN entry_states s USING (entry_id) WHERE p.sha256 = $1::bytea AND s.live)
