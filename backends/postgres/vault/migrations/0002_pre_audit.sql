-- Who saw places, and for what (docs/design.md, section 7). Roles can add a line, and neither read nor change any: time, role
-- and address are the server's word.

CREATE TABLE audit (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    role text NOT NULL DEFAULT session_user,
    address inet DEFAULT inet_client_addr(),
    person text NOT NULL,
    uid bigint NOT NULL,
    machine text NOT NULL,
    verb text NOT NULL,
    purpose text NOT NULL,
    places bigint NOT NULL
);
COMMENT ON TABLE audit IS 'who saw places and for what; lines are only ever added';
GRANT INSERT (person, uid, machine, verb, purpose, places) ON audit TO pisaura_hasher, pisaura_notices;
