-- share_digests: write down that list $4 gives digests, too, that another gave first
UPDATE entry_digests d SET also = d.also || $4::integer
FROM unnest($1::bigint[], $2::text[], $3::bytea[]) k (entry_id, algorithm, digest)
WHERE (d.entry_id, d.algorithm, d.digest) = (k.entry_id, k.algorithm, k.digest) AND d.list_id <> $4::integer
    AND d.also @> ARRAY[$4::integer] IS FALSE
