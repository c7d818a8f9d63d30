-- add_shown: a host shows this medium instead of a case's
INSERT INTO shown_instead (host, sha256, case_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
