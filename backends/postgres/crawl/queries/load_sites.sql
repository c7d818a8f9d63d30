-- load_sites: sites by key
SELECT s.bucket, s.site, s.urls, s.matches FROM unnest($1::smallint[], $2::text[]) k (bucket, site)
JOIN sites s USING (bucket, site)
