-- Whom to tell (docs/domain.md, section 2): what registries answered, when each may be asked again, and partner hotlines by country.
-- Addresses and domains of places are never in the clear here: questions are keyed HMACs, answers lie under a key of the notices role.

CREATE TABLE rdap_answers (
    question bytea PRIMARY KEY,
    asked_at bigint NOT NULL,
    status smallint NOT NULL,
    sealed bytea NOT NULL
) WITH (fillfactor = 90);
COMMENT ON TABLE rdap_answers IS 'answers of registries with their age; question: keyed HMAC of what was asked';
COMMENT ON COLUMN rdap_answers.sealed IS 'server and body, under a key derived from that of places';
CREATE INDEX rdap_answers_age ON rdap_answers (asked_at);

CREATE TABLE rdap_servers (
    server text PRIMARY KEY,
    next_at bigint NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
COMMENT ON TABLE rdap_servers IS 'when a registry''s server may be asked next, by all processes together';

CREATE TABLE partners (
    partner_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    name text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('email', 'webhook')),
    contact text NOT NULL,
    language text NOT NULL DEFAULT '',
    accepts text[] NOT NULL,
    person text NOT NULL,
    added_at bigint NOT NULL,
    UNIQUE (country, channel, contact)
);
COMMENT ON TABLE partners IS 'hotlines of other countries that take places in their country; accepts: kinds of lists';

GRANT SELECT, INSERT, UPDATE, DELETE ON rdap_answers, rdap_servers, partners TO pisaura_notices;
