-- facts: whether these entries may match now, and what else deciding needs of them
SELECT s.entry_id, s.live, s.size, (SELECT count(*) FROM entry_digests d WHERE d.entry_id = s.entry_id AND d.algorithm = 'pdq')::integer
FROM entry_states s WHERE s.entry_id = ANY ($1::bigint[])
