-- loopback: those of some hosts that have only loopback addresses
SELECT h.host FROM hosts h WHERE h.bucket = ANY ($1::smallint[]) AND h.host = ANY ($2::text[]) AND h.addresses <> '{}'
    AND NOT EXISTS (SELECT 1 FROM unnest(h.addresses) a WHERE a NOT LIKE '127.%' AND a <> '::1')
