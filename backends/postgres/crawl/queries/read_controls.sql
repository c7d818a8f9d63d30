-- read_controls: operators' words since a sequence number
SELECT seq, verb, target, value, why, until FROM controls WHERE seq > $1 ORDER BY seq
