-- fixed: what was settled when the crawl database was made
SELECT name, value FROM facts WHERE name IN ('partitions', 'psl_sha256')
