-- pdqs_page: PDQ of entries of all lists by (entry, digest), both laid end to end; live or not
SELECT coalesce(string_agg(int8send(entry_id), ''::bytea), ''::bytea) AS entry_ids,
    coalesce(string_agg(digest, ''::bytea), ''::bytea) AS digests
FROM (
    SELECT entry_id, digest FROM entry_digests
    WHERE (entry_id, algorithm, digest) > ($1, 'pdq', $2) AND algorithm = 'pdq'
    ORDER BY entry_id, algorithm, digest
    LIMIT $3
) page
