-- seq_since: the first change of entries at or after a time, or the one that comes next
SELECT coalesce((SELECT min(seq) FROM changes WHERE at >= $1), (SELECT seq + 1 FROM clock))
