-- loopback: those of some hosts that have only loopback addresses
SELECT h.host FROM unnest($1::smallint[], $2::bigint[]) k (bucket, host_id) JOIN hosts h USING (bucket, host_id)
WHERE h.addresses <> '{}' AND NOT EXISTS (SELECT 1 FROM unnest(h.addresses) a WHERE a NOT LIKE '127.%' AND a <> '::1')
