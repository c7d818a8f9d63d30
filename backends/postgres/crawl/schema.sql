CREATE TABLE public.address_orders (
    address text NOT NULL,
    order_id bytea NOT NULL,
    until bigint NOT NULL
);

CREATE TABLE public.address_sites (
    address text NOT NULL,
    site text NOT NULL
);

CREATE TABLE public.addresses (
    address text NOT NULL,
    sites integer DEFAULT 0 NOT NULL,
    permits integer DEFAULT 1 NOT NULL,
    next_at bigint DEFAULT 0 NOT NULL,
    strained_until bigint DEFAULT 0 NOT NULL,
    strained_sites text[] DEFAULT '{}'::text[] NOT NULL,
    strained_since bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='70');

COMMENT ON TABLE public.addresses IS 'server addresses: how many orders may be out there at a time, and when the next one may start';

CREATE TABLE public.controls (
    seq bigint NOT NULL,
    verb text NOT NULL,
    target text NOT NULL,
    value text DEFAULT ''::text NOT NULL,
    why text DEFAULT ''::text NOT NULL,
    until bigint DEFAULT 0 NOT NULL,
    added_at bigint NOT NULL
);

COMMENT ON TABLE public.controls IS 'pause, delay and opt-out by host or network; the newest word on a target wins';

CREATE SEQUENCE public.controls_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.controls_seq_seq OWNED BY public.controls.seq;

CREATE TABLE public.counters (
    partition smallint NOT NULL,
    name text NOT NULL,
    value bigint NOT NULL
)
WITH (fillfactor='50');

COMMENT ON TABLE public.counters IS 'URLs by state, refusals by reason and totals, kept in the fenced transaction: nobody counts rows';

CREATE TABLE public.facts (
    name text NOT NULL,
    value text NOT NULL
);

COMMENT ON TABLE public.facts IS 'what is fixed at creation: partitions, ranges, psl_sha256';

CREATE TABLE public.hosts (
    bucket smallint NOT NULL,
    host_id bigint NOT NULL,
    host text NOT NULL,
    site text NOT NULL,
    found_at bigint NOT NULL,
    next_at bigint DEFAULT 0 NOT NULL,
    due_at bigint NOT NULL,
    ready_at bigint GENERATED ALWAYS AS (GREATEST(next_at, due_at, paused_until)) STORED,
    lane smallint NOT NULL,
    queued integer DEFAULT 0 NOT NULL,
    urls bigint DEFAULT 0 NOT NULL,
    fetched bigint DEFAULT 0 NOT NULL,
    errors integer DEFAULT 0 NOT NULL,
    why text DEFAULT ''::text NOT NULL,
    mean real DEFAULT 0 NOT NULL,
    delay real DEFAULT '-1'::integer NOT NULL,
    crawl_delay real DEFAULT 0 NOT NULL,
    paused_until bigint DEFAULT 0 NOT NULL,
    paused_why text DEFAULT ''::text NOT NULL,
    addresses text[] DEFAULT '{}'::text[] NOT NULL,
    addresses_until bigint DEFAULT 0 NOT NULL,
    matches integer DEFAULT 0 NOT NULL,
    traps bytea DEFAULT '\x'::bytea NOT NULL
)
WITH (fillfactor='70');

CREATE TABLE public.leases (
    order_id bytea NOT NULL,
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

COMMENT ON TABLE public.leases IS 'orders that are out: the outbox; expiry is the retry';

CREATE TABLE public.media_urls (
    bucket smallint CONSTRAINT urls_bucket_not_null NOT NULL,
    host_id bigint CONSTRAINT urls_host_id_not_null NOT NULL,
    found_at bigint CONSTRAINT urls_found_at_not_null NOT NULL,
    fetched_at bigint DEFAULT 0 CONSTRAINT urls_fetched_at_not_null NOT NULL,
    interval_s integer DEFAULT 0 CONSTRAINT urls_interval_s_not_null NOT NULL,
    size integer DEFAULT 0 CONSTRAINT urls_size_not_null NOT NULL,
    status smallint DEFAULT 0 CONSTRAINT urls_status_not_null NOT NULL,
    depth smallint CONSTRAINT urls_depth_not_null NOT NULL,
    state smallint DEFAULT 0 CONSTRAINT urls_state_not_null NOT NULL,
    kind smallint CONSTRAINT urls_kind_not_null NOT NULL,
    hops smallint CONSTRAINT urls_hops_not_null NOT NULL,
    tries smallint DEFAULT 0 CONSTRAINT urls_tries_not_null NOT NULL,
    lost smallint DEFAULT 0 CONSTRAINT urls_lost_not_null NOT NULL,
    https boolean CONSTRAINT urls_https_not_null NOT NULL,
    url_id bytea CONSTRAINT urls_url_id_not_null NOT NULL,
    path text CONSTRAINT urls_path_not_null NOT NULL,
    found_on bytea[] CONSTRAINT urls_found_on_not_null NOT NULL,
    etag text DEFAULT ''::text CONSTRAINT urls_etag_not_null NOT NULL,
    last_modified text DEFAULT ''::text CONSTRAINT urls_last_modified_not_null NOT NULL,
    content_key bytea DEFAULT '\x'::bytea CONSTRAINT urls_content_key_not_null NOT NULL,
    why text DEFAULT ''::text CONSTRAINT urls_why_not_null NOT NULL
)
PARTITION BY RANGE (bucket);

CREATE TABLE public.media_urls_0 (
    bucket smallint CONSTRAINT urls_bucket_not_null NOT NULL,
    host_id bigint CONSTRAINT urls_host_id_not_null NOT NULL,
    found_at bigint CONSTRAINT urls_found_at_not_null NOT NULL,
    fetched_at bigint DEFAULT 0 CONSTRAINT urls_fetched_at_not_null NOT NULL,
    interval_s integer DEFAULT 0 CONSTRAINT urls_interval_s_not_null NOT NULL,
    size integer DEFAULT 0 CONSTRAINT urls_size_not_null NOT NULL,
    status smallint DEFAULT 0 CONSTRAINT urls_status_not_null NOT NULL,
    depth smallint CONSTRAINT urls_depth_not_null NOT NULL,
    state smallint DEFAULT 0 CONSTRAINT urls_state_not_null NOT NULL,
    kind smallint CONSTRAINT urls_kind_not_null NOT NULL,
    hops smallint CONSTRAINT urls_hops_not_null NOT NULL,
    tries smallint DEFAULT 0 CONSTRAINT urls_tries_not_null NOT NULL,
    lost smallint DEFAULT 0 CONSTRAINT urls_lost_not_null NOT NULL,
    https boolean CONSTRAINT urls_https_not_null NOT NULL,
    url_id bytea CONSTRAINT urls_url_id_not_null NOT NULL,
    path text CONSTRAINT urls_path_not_null NOT NULL,
    found_on bytea[] CONSTRAINT urls_found_on_not_null NOT NULL,
    etag text DEFAULT ''::text CONSTRAINT urls_etag_not_null NOT NULL,
    last_modified text DEFAULT ''::text CONSTRAINT urls_last_modified_not_null NOT NULL,
    content_key bytea DEFAULT '\x'::bytea CONSTRAINT urls_content_key_not_null NOT NULL,
    why text DEFAULT ''::text CONSTRAINT urls_why_not_null NOT NULL
)
WITH (fillfactor='85', autovacuum_vacuum_scale_factor='0.05', autovacuum_vacuum_insert_scale_factor='0.2');

CREATE TABLE public.migrations (
    number integer NOT NULL,
    name text NOT NULL,
    sha256 bytea NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.origins (
    bucket smallint NOT NULL,
    host_id bigint NOT NULL,
    https boolean NOT NULL,
    state bytea NOT NULL,
    body bytea NOT NULL
);

COMMENT ON TABLE public.origins IS 'robots.txt by origin';

CREATE TABLE public.partitions (
    partition smallint NOT NULL,
    owner text DEFAULT ''::text NOT NULL,
    epoch bigint DEFAULT 0 NOT NULL,
    lease_until bigint DEFAULT 0 NOT NULL,
    urls_offset bigint DEFAULT 0 NOT NULL,
    outcomes_offset bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');

COMMENT ON TABLE public.partitions IS 'one row is the fence, the offsets and the de-duplication of a partition';

CREATE TABLE public.queue (
    due_at bigint NOT NULL,
    host_id bigint NOT NULL,
    bucket smallint NOT NULL,
    lane smallint NOT NULL,
    media boolean NOT NULL,
    url_id bytea NOT NULL
)
PARTITION BY RANGE (bucket);

CREATE TABLE public.queue_0 (
    due_at bigint CONSTRAINT queue_due_at_not_null NOT NULL,
    host_id bigint CONSTRAINT queue_host_id_not_null NOT NULL,
    bucket smallint CONSTRAINT queue_bucket_not_null NOT NULL,
    lane smallint CONSTRAINT queue_lane_not_null NOT NULL,
    media boolean CONSTRAINT queue_media_not_null NOT NULL,
    url_id bytea CONSTRAINT queue_url_id_not_null NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='1');

CREATE TABLE public.seeds (
    seq bigint NOT NULL,
    url text NOT NULL,
    added_at bigint NOT NULL,
    taken_at bigint DEFAULT 0 NOT NULL,
    why text DEFAULT ''::text NOT NULL
);

CREATE SEQUENCE public.seeds_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.seeds_seq_seq OWNED BY public.seeds.seq;

CREATE TABLE public.shards (
    owner text NOT NULL,
    lease_until bigint NOT NULL
)
WITH (fillfactor='50');

COMMENT ON TABLE public.shards IS 'frontier processes that have said lately that they live';

CREATE TABLE public.sites (
    bucket smallint NOT NULL,
    site text NOT NULL,
    urls bigint DEFAULT 0 NOT NULL,
    matches integer DEFAULT 0 NOT NULL
)
WITH (fillfactor='80');

CREATE TABLE public.tips (
    source text NOT NULL,
    day integer NOT NULL,
    urls integer NOT NULL
);

COMMENT ON TABLE public.tips IS 'tips taken of a source on a day (UTC, days since 1970-01-01); the URLs are seeds like any other';

CREATE TABLE public.urls (
    bucket smallint NOT NULL,
    host_id bigint NOT NULL,
    found_at bigint NOT NULL,
    fetched_at bigint DEFAULT 0 NOT NULL,
    interval_s integer DEFAULT 0 NOT NULL,
    size integer DEFAULT 0 NOT NULL,
    status smallint DEFAULT 0 NOT NULL,
    depth smallint NOT NULL,
    state smallint DEFAULT 0 NOT NULL,
    kind smallint NOT NULL,
    hops smallint NOT NULL,
    tries smallint DEFAULT 0 NOT NULL,
    lost smallint DEFAULT 0 NOT NULL,
    https boolean NOT NULL,
    url_id bytea NOT NULL,
    path text NOT NULL,
    found_on bytea[] NOT NULL,
    etag text DEFAULT ''::text NOT NULL,
    last_modified text DEFAULT ''::text NOT NULL,
    content_key bytea DEFAULT '\x'::bytea NOT NULL,
    why text DEFAULT ''::text NOT NULL
)
PARTITION BY RANGE (bucket);

CREATE TABLE public.urls_0 (
    bucket smallint CONSTRAINT urls_bucket_not_null NOT NULL,
    host_id bigint CONSTRAINT urls_host_id_not_null NOT NULL,
    found_at bigint CONSTRAINT urls_found_at_not_null NOT NULL,
    fetched_at bigint DEFAULT 0 CONSTRAINT urls_fetched_at_not_null NOT NULL,
    interval_s integer DEFAULT 0 CONSTRAINT urls_interval_s_not_null NOT NULL,
    size integer DEFAULT 0 CONSTRAINT urls_size_not_null NOT NULL,
    status smallint DEFAULT 0 CONSTRAINT urls_status_not_null NOT NULL,
    depth smallint CONSTRAINT urls_depth_not_null NOT NULL,
    state smallint DEFAULT 0 CONSTRAINT urls_state_not_null NOT NULL,
    kind smallint CONSTRAINT urls_kind_not_null NOT NULL,
    hops smallint CONSTRAINT urls_hops_not_null NOT NULL,
    tries smallint DEFAULT 0 CONSTRAINT urls_tries_not_null NOT NULL,
    lost smallint DEFAULT 0 CONSTRAINT urls_lost_not_null NOT NULL,
    https boolean CONSTRAINT urls_https_not_null NOT NULL,
    url_id bytea CONSTRAINT urls_url_id_not_null NOT NULL,
    path text CONSTRAINT urls_path_not_null NOT NULL,
    found_on bytea[] CONSTRAINT urls_found_on_not_null NOT NULL,
    etag text DEFAULT ''::text CONSTRAINT urls_etag_not_null NOT NULL,
    last_modified text DEFAULT ''::text CONSTRAINT urls_last_modified_not_null NOT NULL,
    content_key bytea DEFAULT '\x'::bytea CONSTRAINT urls_content_key_not_null NOT NULL,
    why text DEFAULT ''::text CONSTRAINT urls_why_not_null NOT NULL
)
WITH (fillfactor='85', autovacuum_vacuum_scale_factor='0.05', autovacuum_vacuum_insert_scale_factor='0.2');

ALTER TABLE ONLY public.media_urls ATTACH PARTITION public.media_urls_0 FOR VALUES FROM ('0') TO ('4096');

ALTER TABLE ONLY public.queue ATTACH PARTITION public.queue_0 FOR VALUES FROM ('0') TO ('4096');

ALTER TABLE ONLY public.urls ATTACH PARTITION public.urls_0 FOR VALUES FROM ('0') TO ('4096');

ALTER TABLE ONLY public.controls ALTER COLUMN seq SET DEFAULT nextval('public.controls_seq_seq'::regclass);

ALTER TABLE ONLY public.seeds ALTER COLUMN seq SET DEFAULT nextval('public.seeds_seq_seq'::regclass);

ALTER TABLE ONLY public.address_orders
    ADD CONSTRAINT address_orders_pkey PRIMARY KEY (address, order_id);

ALTER TABLE ONLY public.address_sites
    ADD CONSTRAINT address_sites_pkey PRIMARY KEY (address, site);

ALTER TABLE ONLY public.addresses
    ADD CONSTRAINT addresses_pkey PRIMARY KEY (address);

ALTER TABLE ONLY public.controls
    ADD CONSTRAINT controls_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY public.controls
    ADD CONSTRAINT controls_verb_target_key UNIQUE (verb, target);

ALTER TABLE ONLY public.counters
    ADD CONSTRAINT counters_pkey PRIMARY KEY (partition, name);

ALTER TABLE ONLY public.facts
    ADD CONSTRAINT facts_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.hosts
    ADD CONSTRAINT hosts_pkey PRIMARY KEY (bucket, host_id);

ALTER TABLE ONLY public.leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (order_id);

ALTER TABLE ONLY public.media_urls
    ADD CONSTRAINT media_urls_pkey PRIMARY KEY (bucket, host_id, url_id);

ALTER TABLE ONLY public.media_urls_0
    ADD CONSTRAINT media_urls_0_pkey PRIMARY KEY (bucket, host_id, url_id);

ALTER TABLE ONLY public.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.origins
    ADD CONSTRAINT origins_pkey PRIMARY KEY (bucket, host_id, https);

ALTER TABLE ONLY public.partitions
    ADD CONSTRAINT partitions_pkey PRIMARY KEY (partition);

ALTER TABLE ONLY public.queue
    ADD CONSTRAINT queue_pkey PRIMARY KEY (bucket, host_id, lane, due_at, url_id);

ALTER TABLE ONLY public.queue_0
    ADD CONSTRAINT queue_0_pkey PRIMARY KEY (bucket, host_id, lane, due_at, url_id);

ALTER TABLE ONLY public.seeds
    ADD CONSTRAINT seeds_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY public.seeds
    ADD CONSTRAINT seeds_url_key UNIQUE (url);

ALTER TABLE ONLY public.shards
    ADD CONSTRAINT shards_pkey PRIMARY KEY (owner);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_pkey PRIMARY KEY (bucket, site);

ALTER TABLE ONLY public.tips
    ADD CONSTRAINT tips_pkey PRIMARY KEY (source, day);

ALTER TABLE ONLY public.urls
    ADD CONSTRAINT urls_pkey PRIMARY KEY (bucket, host_id, url_id);

ALTER TABLE ONLY public.urls_0
    ADD CONSTRAINT urls_0_pkey PRIMARY KEY (bucket, host_id, url_id);

CREATE INDEX hosts_paused ON public.hosts USING btree (host) WHERE (paused_until > 0);

CREATE INDEX hosts_ready ON public.hosts USING btree (ready_at) WHERE (queued > 0);

CREATE INDEX leases_partition ON public.leases USING btree (partition);

CREATE INDEX seeds_new ON public.seeds USING btree (seq) WHERE (taken_at = 0);

ALTER INDEX public.media_urls_pkey ATTACH PARTITION public.media_urls_0_pkey;

ALTER INDEX public.queue_pkey ATTACH PARTITION public.queue_0_pkey;

ALTER INDEX public.urls_pkey ATTACH PARTITION public.urls_0_pkey;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.address_orders TO pisaura_frontier;
GRANT SELECT ON TABLE public.address_orders TO pisaura_fetcher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.address_sites TO pisaura_frontier;
GRANT SELECT ON TABLE public.address_sites TO pisaura_fetcher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.addresses TO pisaura_frontier;
GRANT SELECT ON TABLE public.addresses TO pisaura_fetcher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.controls TO pisaura_frontier;
GRANT SELECT ON TABLE public.controls TO pisaura_fetcher;

GRANT USAGE ON SEQUENCE public.controls_seq_seq TO pisaura_frontier;
GRANT USAGE ON SEQUENCE public.controls_seq_seq TO pisaura_fetcher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.counters TO pisaura_frontier;
GRANT SELECT ON TABLE public.counters TO pisaura_fetcher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.facts TO pisaura_frontier;
GRANT SELECT ON TABLE public.facts TO pisaura_fetcher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.hosts TO pisaura_frontier;
GRANT SELECT ON TABLE public.hosts TO pisaura_fetcher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.leases TO pisaura_frontier;
GRANT SELECT ON TABLE public.leases TO pisaura_fetcher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.media_urls TO pisaura_frontier;
GRANT SELECT ON TABLE public.media_urls TO pisaura_fetcher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.media_urls_0 TO pisaura_frontier;
GRANT SELECT ON TABLE public.media_urls_0 TO pisaura_fetcher;

GRANT SELECT ON TABLE public.migrations TO pisaura_frontier;
GRANT SELECT ON TABLE public.migrations TO pisaura_fetcher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.origins TO pisaura_frontier;
GRANT SELECT ON TABLE public.origins TO pisaura_fetcher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.partitions TO pisaura_frontier;
GRANT SELECT ON TABLE public.partitions TO pisaura_fetcher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.queue TO pisaura_frontier;
GRANT SELECT ON TABLE public.queue TO pisaura_fetcher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.queue_0 TO pisaura_frontier;
GRANT SELECT ON TABLE public.queue_0 TO pisaura_fetcher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.seeds TO pisaura_frontier;
GRANT SELECT ON TABLE public.seeds TO pisaura_fetcher;

GRANT USAGE ON SEQUENCE public.seeds_seq_seq TO pisaura_frontier;
GRANT USAGE ON SEQUENCE public.seeds_seq_seq TO pisaura_fetcher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.shards TO pisaura_frontier;
GRANT SELECT ON TABLE public.shards TO pisaura_fetcher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sites TO pisaura_frontier;
GRANT SELECT ON TABLE public.sites TO pisaura_fetcher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tips TO pisaura_frontier;
GRANT SELECT ON TABLE public.tips TO pisaura_fetcher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.urls TO pisaura_frontier;
GRANT SELECT ON TABLE public.urls TO pisaura_fetcher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.urls_0 TO pisaura_frontier;
GRANT SELECT ON TABLE public.urls_0 TO pisaura_fetcher;

ALTER DEFAULT PRIVILEGES FOR ROLE pisaura_admin GRANT USAGE ON SEQUENCES TO pisaura_frontier;
ALTER DEFAULT PRIVILEGES FOR ROLE pisaura_admin GRANT USAGE ON SEQUENCES TO pisaura_fetcher;

ALTER DEFAULT PRIVILEGES FOR ROLE pisaura_admin GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES TO pisaura_frontier;
ALTER DEFAULT PRIVILEGES FOR ROLE pisaura_admin GRANT SELECT ON TABLES TO pisaura_fetcher;
