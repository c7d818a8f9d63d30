-- The frontier's state (docs/design.md, section 5). Times are milliseconds since the epoch.
-- Tables that grow with the web are range-partitioned by bucket; how many ranges is fixed when the state is created.

CREATE TABLE facts (
    name text PRIMARY KEY,
    value text NOT NULL
);
COMMENT ON TABLE facts IS 'what is fixed at creation: partitions, ranges, psl_sha256';

CREATE TABLE partitions (
    partition smallint PRIMARY KEY,
    owner text NOT NULL DEFAULT '',
    epoch bigint NOT NULL DEFAULT 0,
    lease_until bigint NOT NULL DEFAULT 0,
    urls_offset bigint NOT NULL DEFAULT 0,
    outcomes_offset bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
COMMENT ON TABLE partitions IS 'one row is the fence, the offsets and the de-duplication of a partition';

CREATE TABLE sites (
    bucket smallint NOT NULL,
    site text NOT NULL,
    urls bigint NOT NULL DEFAULT 0,
    matches integer NOT NULL DEFAULT 0,
    PRIMARY KEY (bucket, site)
) WITH (fillfactor = 80);

CREATE TABLE hosts (
    bucket smallint NOT NULL,
    host_id bigint NOT NULL,
    host text NOT NULL,
    site text NOT NULL,
    found_at bigint NOT NULL,
    next_at bigint NOT NULL DEFAULT 0,
    due_at bigint NOT NULL,
    ready_at bigint GENERATED ALWAYS AS (greatest(next_at, due_at, paused_until)) STORED,
    lane smallint NOT NULL,
    queued integer NOT NULL DEFAULT 0,
    urls bigint NOT NULL DEFAULT 0,
    fetched bigint NOT NULL DEFAULT 0,
    errors integer NOT NULL DEFAULT 0,
    why text NOT NULL DEFAULT '',
    mean real NOT NULL DEFAULT 0,
    delay real NOT NULL DEFAULT -1,
    crawl_delay real NOT NULL DEFAULT 0,
    paused_until bigint NOT NULL DEFAULT 0,
    paused_why text NOT NULL DEFAULT '',
    addresses text[] NOT NULL DEFAULT '{}',
    addresses_until bigint NOT NULL DEFAULT 0,
    matches integer NOT NULL DEFAULT 0,
    traps bytea NOT NULL DEFAULT '',
    PRIMARY KEY (bucket, host_id)
) WITH (fillfactor = 70);
CREATE INDEX hosts_ready ON hosts (ready_at) WHERE queued > 0;

CREATE TABLE origins (
    bucket smallint NOT NULL,
    host_id bigint NOT NULL,
    https boolean NOT NULL,
    state bytea NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (bucket, host_id, https)
);
COMMENT ON TABLE origins IS 'robots.txt by origin';

CREATE TABLE leases (
    order_id bytea PRIMARY KEY,
    partition smallint NOT NULL,
    epoch bigint NOT NULL,
    bucket smallint NOT NULL,
    host_id bigint NOT NULL,
    host text NOT NULL,
    kind text NOT NULL,
    address text NOT NULL,
    issued_at bigint NOT NULL,
    deadline bigint NOT NULL,
    lanes smallint[] NOT NULL,
    dues bigint[] NOT NULL,
    url_ids bytea[] NOT NULL,
    medias boolean[] NOT NULL
);
COMMENT ON TABLE leases IS 'orders that are out: the outbox; expiry is the retry';
CREATE INDEX leases_partition ON leases (partition);

CREATE TABLE addresses (
    address text PRIMARY KEY,
    sites integer NOT NULL DEFAULT 0,
    permits integer NOT NULL DEFAULT 1,
    next_at bigint NOT NULL DEFAULT 0,
    strained_until bigint NOT NULL DEFAULT 0,
    strained_sites text[] NOT NULL DEFAULT '{}',
    strained_since bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
COMMENT ON TABLE addresses IS 'server addresses: how many orders may be out there at a time, and when the next one may start';

CREATE TABLE address_sites (
    address text NOT NULL,
    site text NOT NULL,
    PRIMARY KEY (address, site)
);

CREATE TABLE address_orders (
    address text NOT NULL,
    order_id bytea NOT NULL,
    until bigint NOT NULL,
    PRIMARY KEY (address, order_id)
);

CREATE TABLE urls (
    bucket smallint NOT NULL,
    host_id bigint NOT NULL,
    found_at bigint NOT NULL,
    fetched_at bigint NOT NULL DEFAULT 0,
    interval_s integer NOT NULL DEFAULT 0,
    size integer NOT NULL DEFAULT 0,
    status smallint NOT NULL DEFAULT 0,
    depth smallint NOT NULL,
    state smallint NOT NULL DEFAULT 0,
    kind smallint NOT NULL,
    hops smallint NOT NULL,
    tries smallint NOT NULL DEFAULT 0,
    lost smallint NOT NULL DEFAULT 0,
    https boolean NOT NULL,
    url_id bytea NOT NULL,
    path text NOT NULL,
    found_on bytea[] NOT NULL,
    etag text NOT NULL DEFAULT '',
    last_modified text NOT NULL DEFAULT '',
    content_key bytea NOT NULL DEFAULT '',
    why text NOT NULL DEFAULT '',
    PRIMARY KEY (bucket, host_id, url_id)
) PARTITION BY RANGE (bucket);

CREATE TABLE media_urls (LIKE urls INCLUDING ALL) PARTITION BY RANGE (bucket);

CREATE TABLE queue (
    due_at bigint NOT NULL,
    host_id bigint NOT NULL,
    bucket smallint NOT NULL,
    lane smallint NOT NULL,
    media boolean NOT NULL,
    url_id bytea NOT NULL,
    PRIMARY KEY (bucket, host_id, lane, due_at, url_id)
) PARTITION BY RANGE (bucket);

DO $$
DECLARE
    ranges integer := coalesce(nullif(current_setting('pisaura.ranges', true), ''), '1')::integer;
    step integer := 4096 / ranges;
BEGIN
    FOR n IN 0 .. ranges - 1 LOOP
        EXECUTE format('CREATE TABLE urls_%s PARTITION OF urls FOR VALUES FROM (%s) TO (%s) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.2)', n, n * step, (n + 1) * step);
        EXECUTE format('CREATE TABLE media_urls_%s PARTITION OF media_urls FOR VALUES FROM (%s) TO (%s) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.2)', n, n * step, (n + 1) * step);
        EXECUTE format('CREATE TABLE queue_%s PARTITION OF queue FOR VALUES FROM (%s) TO (%s) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1)', n, n * step, (n + 1) * step);
    END LOOP;
END $$;

CREATE TABLE counters (
    partition smallint NOT NULL,
    name text NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (partition, name)
) WITH (fillfactor = 50);
COMMENT ON TABLE counters IS 'URLs by state, refusals by reason and totals, kept in the fenced transaction: nobody counts rows';

CREATE TABLE seeds (
    seq bigserial PRIMARY KEY,
    url text NOT NULL UNIQUE,
    added_at bigint NOT NULL,
    taken_at bigint NOT NULL DEFAULT 0,
    why text NOT NULL DEFAULT ''
);

CREATE INDEX seeds_new ON seeds (seq) WHERE taken_at = 0;

CREATE TABLE controls (
    seq bigserial PRIMARY KEY,
    verb text NOT NULL,
    target text NOT NULL,
    value text NOT NULL DEFAULT '',
    why text NOT NULL DEFAULT '',
    until bigint NOT NULL DEFAULT 0,
    added_at bigint NOT NULL,
    UNIQUE (verb, target)
);
COMMENT ON TABLE controls IS 'pause, delay and opt-out by host or network; the newest word on a target wins';
