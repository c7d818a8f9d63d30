-- add_addresses: addresses met for the first time, in one order for all shards
INSERT INTO addresses (address) SELECT unnest($1::text[]) AS address ORDER BY address ON CONFLICT DO NOTHING
