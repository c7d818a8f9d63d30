-- add_variant: an entry of our own and the entry that it resembles
INSERT INTO variants (entry_id, parent_id) VALUES ($1, $2) ON CONFLICT DO NOTHING
RETURNING true
