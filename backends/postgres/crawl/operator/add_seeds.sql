-- add_seeds: seeds for the crawl, in the order given; those that were not given before
INSERT INTO seeds (url, added_at)
SELECT url, $2::bigint FROM unnest($1::text[]) WITH ORDINALITY t (url, n) GROUP BY url ORDER BY min(n)
ON CONFLICT (url) DO NOTHING RETURNING seq
