-- shield_say: what a provider says of an entry, on its way to opinions
INSERT INTO shield_opinions (account, name, entry_id, verdict, reason, at)
VALUES ($1::bigint, $2::text, $3::bigint, $4::text, $5::text, $6::bigint)
