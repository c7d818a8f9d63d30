-- add_partner: add a hotline, or change what is known of it
INSERT INTO partners (country, name, channel, contact, language, accepts, person, added_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (country, channel, contact) DO UPDATE SET
    name = excluded.name, language = excluded.language, accepts = excluded.accepts, person = excluded.person, added_at = excluded.added_at
