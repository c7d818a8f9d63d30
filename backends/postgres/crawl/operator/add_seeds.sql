-- add_seeds: seeds for the crawl; those that were not given before
INSERT INTO seeds (url, added_at) SELECT DISTINCT unnest($1::text[]), $2::bigint ON CONFLICT (url) DO NOTHING RETURNING seq
