-- suppress: people have refused a pair
INSERT INTO suppressions (sha256, entry_id, why, by_whom, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
