-- upsert_sites: what sites have taken of their budgets
INSERT INTO sites (bucket, site, urls, matches)
SELECT * FROM unnest($1::smallint[], $2::text[], $3::bigint[], $4::integer[])
ON CONFLICT (bucket, site) DO UPDATE SET urls = excluded.urls, matches = excluded.matches
