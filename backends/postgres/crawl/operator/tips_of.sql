-- tips_of: how many tips a source has used of a day, locked until the transaction ends
INSERT INTO tips (source, day, urls) VALUES ($1, $2, 0)
ON CONFLICT (source, day) DO UPDATE SET urls = tips.urls
RETURNING urls
