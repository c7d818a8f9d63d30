-- add_recipients: keep who can be told, as they are known now
INSERT INTO recipients (key, class, name, channel, contact, country, language, added_at)
SELECT *, $8::bigint FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
ON CONFLICT (key) DO UPDATE SET class = excluded.class, name = excluded.name, channel = excluded.channel,
    contact = excluded.contact, country = excluded.country, language = excluded.language
WHERE (recipients.class, recipients.name, recipients.channel, recipients.contact, recipients.country, recipients.language)
    IS DISTINCT FROM
    (excluded.class, excluded.name, excluded.channel, excluded.contact, excluded.country, excluded.language)
