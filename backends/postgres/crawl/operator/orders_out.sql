-- orders_out: orders that are out, by kind; there are never more than a few hundred
SELECT kind, count(*), coalesce(sum(cardinality(url_ids)), 0)::bigint, min(issued_at) FROM leases GROUP BY kind ORDER BY kind
