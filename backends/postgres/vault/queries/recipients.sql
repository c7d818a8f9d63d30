-- recipients: who can be told, by key
SELECT key, class, name, channel, contact, country, language, told_at / 1000.0::double precision AS told_at
FROM recipients WHERE key = ANY ($1::text[])
