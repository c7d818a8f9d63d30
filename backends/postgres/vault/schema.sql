CREATE FUNCTION public.audit_append() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE last_seq bigint; last_mac bytea;
BEGIN
    SELECT seq, mac INTO last_seq, last_mac FROM public.audit ORDER BY seq DESC LIMIT 1;
    IF NEW.seq <> coalesce(last_seq, 0) + 1 OR NEW.previous <> coalesce(last_mac, '') OR length(NEW.mac) <> 32 THEN
        RAISE EXCEPTION 'a line of the audit must follow the last one';
    END IF;
    IF abs(extract(epoch FROM NEW.at - clock_timestamp())) > 60 THEN
        RAISE EXCEPTION 'a line of the audit is written when it happens';
    END IF;
    NEW.role := session_user;
    NEW.address := inet_client_addr();
    RETURN NEW;
END $$;

CREATE FUNCTION public.audit_stays() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' AND coalesce(current_setting('pisaura.cut', true), '') = 'audit' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'lines of the audit are only ever added';
END $$;

CREATE FUNCTION public.case_key_gone() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    DELETE FROM reply_keys WHERE reply_id IN (SELECT reply_id FROM reply_cases WHERE case_id = OLD.case_id);
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.case_key_gone() IS 'who destroys a case''s key destroys the text of what was answered about it';

CREATE FUNCTION public.cut_audit(upto bigint, most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE gone bigint;
BEGIN
    PERFORM set_config('pisaura.cut', 'audit', true);
    DELETE FROM audit WHERE seq IN (
        SELECT seq FROM audit WHERE seq <= upto AND at < clock_timestamp() - interval '30 days' ORDER BY seq LIMIT most);
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM set_config('pisaura.cut', '', true);
    RETURN gone;
END $$;

COMMENT ON FUNCTION public.cut_audit(upto bigint, most integer) IS 'for retention: takes lines away from the beginning, never one of the last 30 days';

CREATE FUNCTION public.pair_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    INSERT INTO changed_media (sha256) SELECT NEW.sha256 WHERE EXISTS (SELECT FROM cases WHERE cases.sha256 = NEW.sha256);
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.pair_changed() IS 'a verdict changed on which a case may rest; who changes it need not see cases';

CREATE FUNCTION public.revealed_since(who text, whose bigint, since timestamp with time zone) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT coalesce(sum(places), 0)::bigint FROM audit WHERE person = who AND account = whose AND at >= since;
$$;

COMMENT ON FUNCTION public.revealed_since(who text, whose bigint, since timestamp with time zone) IS 'for roles that may add lines and read none: places that somebody was shown';

CREATE TABLE public.accounts (
    account_id bigint NOT NULL,
    created_at bigint NOT NULL,
    revoked_at bigint,
    name text NOT NULL,
    role text NOT NULL,
    login text NOT NULL,
    salt bytea NOT NULL,
    hash bytea NOT NULL,
    grants text[] DEFAULT '{}'::text[] NOT NULL,
    created_by text NOT NULL,
    revoked_by text DEFAULT ''::text NOT NULL,
    CONSTRAINT accounts_hash_check CHECK ((length(hash) = 32)),
    CONSTRAINT accounts_name_check CHECK ((name <> ''::text)),
    CONSTRAINT accounts_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'analyst'::text, 'supervisor'::text, 'operator'::text, 'auditor'::text, 'provider'::text]))),
    CONSTRAINT accounts_salt_check CHECK ((length(salt) >= 16))
);

COMMENT ON TABLE public.accounts IS 'people and providers; a revoked account stays, for what was done by it';

COMMENT ON COLUMN public.accounts.hash IS 'scrypt of a password that was drawn, never chosen';

ALTER TABLE public.accounts ALTER COLUMN account_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.accounts_account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.audit (
    seq bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    role text DEFAULT SESSION_USER NOT NULL,
    address inet DEFAULT inet_client_addr(),
    person text NOT NULL,
    uid bigint NOT NULL,
    machine text NOT NULL,
    verb text NOT NULL,
    purpose text NOT NULL,
    places bigint NOT NULL,
    account bigint DEFAULT 0 NOT NULL,
    person_role text DEFAULT ''::text NOT NULL,
    subject text DEFAULT ''::text NOT NULL,
    previous bytea DEFAULT '\x'::bytea NOT NULL,
    mac bytea DEFAULT '\x'::bytea NOT NULL
);

COMMENT ON TABLE public.audit IS 'who saw places and for what; lines are only ever added';

COMMENT ON COLUMN public.audit.role IS 'the database''s role, by its own word';

COMMENT ON COLUMN public.audit.person_role IS 'the role of the person''s account, or service';

COMMENT ON COLUMN public.audit.mac IS 'HMAC-SHA256 over the MAC before it and this line; empty in lines from before there was a chain';

CREATE TABLE public.case_cursors (
    name text NOT NULL,
    value bigint NOT NULL
);

COMMENT ON TABLE public.case_cursors IS 'up to which change of entries cases were looked at again';

CREATE TABLE public.case_entries (
    case_id bigint NOT NULL,
    entry_id bigint NOT NULL,
    found_at bigint NOT NULL
);

COMMENT ON TABLE public.case_entries IS 'the entries that are evidence of a case; a new one opens no second case';

CREATE TABLE public.case_events (
    event_id bigint NOT NULL,
    case_id bigint NOT NULL,
    at bigint NOT NULL,
    what text NOT NULL,
    person text DEFAULT ''::text NOT NULL,
    why text DEFAULT ''::text NOT NULL,
    sealed bytea DEFAULT '\x'::bytea NOT NULL
);

COMMENT ON TABLE public.case_events IS 'what became of a case and who did it; lines are only added, and go with the case. sealed: under its key';

ALTER TABLE public.case_events ALTER COLUMN event_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.case_events_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.case_keys (
    case_id bigint NOT NULL,
    wrapped bytea NOT NULL
);

COMMENT ON TABLE public.case_keys IS 'each case''s key, sealed to the notices role; backups that are kept long leave this table out';

CREATE TABLE public.case_moves (
    place bytea NOT NULL,
    case_id bigint NOT NULL,
    at bigint NOT NULL
);

COMMENT ON TABLE public.case_moves IS 'places to which media of cases moved, until a case is there';

CREATE TABLE public.case_tasks (
    case_id bigint NOT NULL,
    entry_id bigint DEFAULT 0 NOT NULL,
    due_at bigint NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    task text NOT NULL
)
WITH (fillfactor='80');

COMMENT ON TABLE public.case_tasks IS 'what is to be done for a case besides re-checks and notices; entry_id: about which entry, 0 for none';

CREATE TABLE public.cases (
    case_id bigint NOT NULL,
    opened_at bigint NOT NULL,
    changed_at bigint NOT NULL,
    released_at bigint,
    notified_at bigint,
    accepted_at bigint,
    acknowledged_at bigint,
    first_absent_at bigint,
    gone_at bigint,
    back_at bigint,
    closed_at bigint,
    entry_id bigint NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    near boolean NOT NULL,
    one_route boolean DEFAULT false NOT NULL,
    escalate boolean DEFAULT false NOT NULL,
    paused boolean DEFAULT false NOT NULL,
    place bytea NOT NULL,
    sha256 bytea NOT NULL,
    site bytea DEFAULT '\x'::bytea NOT NULL,
    host bytea DEFAULT '\x'::bytea NOT NULL,
    state text NOT NULL,
    why text DEFAULT ''::text NOT NULL,
    kind text NOT NULL,
    legality text DEFAULT 'unknown'::text NOT NULL,
    category text DEFAULT ''::text NOT NULL,
    country text DEFAULT ''::text NOT NULL,
    recipient text DEFAULT ''::text NOT NULL,
    legal_hold text DEFAULT ''::text NOT NULL,
    record bytea NOT NULL,
    sealed bytea DEFAULT '\x'::bytea NOT NULL,
    CONSTRAINT cases_state_check CHECK ((state = ANY (ARRAY['found'::text, 'in_review'::text, 'ready'::text, 'held'::text, 'released'::text, 'notified'::text, 'acknowledged'::text, 'gone'::text, 'back'::text, 'unverifiable'::text, 'closed'::text])))
)
WITH (fillfactor='80');

COMMENT ON TABLE public.cases IS 'one (media URL, media identity) on its way to removal';

COMMENT ON COLUMN public.cases.version IS 'counts changes: who writes must have read the last one';

COMMENT ON COLUMN public.cases.recipient IS 'key of who is told of the media';

COMMENT ON COLUMN public.cases.record IS 'msgpack of contracts.cases.Case, the whole truth; the other columns are drawn from it for queries';

COMMENT ON COLUMN public.cases.sealed IS 'URL, address and pages under the case''s own key';

ALTER TABLE public.cases ALTER COLUMN case_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.cases_case_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.changed_media (
    change_id bigint NOT NULL,
    sha256 bytea NOT NULL
);

COMMENT ON TABLE public.changed_media IS 'media of cases whose verdicts or entries have changed: their cases are looked at again, and the row goes';

ALTER TABLE public.changed_media ALTER COLUMN change_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.changed_media_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.changes (
    seq bigint NOT NULL,
    at bigint NOT NULL
);

COMMENT ON TABLE public.changes IS 'when each change of entries was made';

CREATE TABLE public.clock (
    singleton boolean DEFAULT true NOT NULL,
    seq bigint DEFAULT 0 NOT NULL,
    retro_seq bigint DEFAULT 0 NOT NULL,
    CONSTRAINT clock_singleton_check CHECK (singleton)
)
WITH (fillfactor='10');

COMMENT ON TABLE public.clock IS 'orders all changes of entries: its row is locked until such a change commits';

CREATE TABLE public.entries (
    entry_id bigint NOT NULL,
    changed_seq bigint NOT NULL,
    size bigint DEFAULT 0 NOT NULL,
    member_id integer NOT NULL,
    generated boolean DEFAULT false NOT NULL,
    member_entry_id text NOT NULL,
    standing text DEFAULT 'unverified'::text NOT NULL,
    held text DEFAULT ''::text NOT NULL,
    category text DEFAULT ''::text NOT NULL,
    legality text DEFAULT 'unknown'::text NOT NULL,
    act text DEFAULT 'unknown'::text NOT NULL,
    age text DEFAULT 'unknown'::text NOT NULL,
    series_id bytea DEFAULT '\x'::bytea NOT NULL,
    note_key bytea DEFAULT '\x'::bytea NOT NULL,
    note_sealed bytea DEFAULT '\x'::bytea NOT NULL,
    media text DEFAULT ''::text NOT NULL,
    CONSTRAINT entries_standing_check CHECK ((standing = ANY (ARRAY['unverified'::text, 'verified'::text, 'disputed'::text, 'held'::text, 'withdrawn'::text])))
);

COMMENT ON COLUMN public.entries.held IS 'the leading reason why it is held, or empty; holds and list_entries have all';

COMMENT ON COLUMN public.entries.category IS 'the source''s own word; legality, act and age are never derived from each other';

CREATE TABLE public.list_entries (
    entry_id bigint NOT NULL,
    list_id integer NOT NULL,
    state smallint DEFAULT 0 NOT NULL,
    import_id bigint DEFAULT 0 NOT NULL,
    record bigint DEFAULT 0 NOT NULL,
    CONSTRAINT list_entries_state_check CHECK (((state >= 0) AND (state <= 3)))
);

COMMENT ON TABLE public.list_entries IS 'the lists that carry an entry; copies through three lists are still one entry';

COMMENT ON COLUMN public.list_entries.state IS '0 carried, 1 deleted by a sync that has not ended, 2 by one that deleted too much, 3 gone';

COMMENT ON COLUMN public.list_entries.import_id IS 'the import that it came with, or came back with';

CREATE TABLE public.list_sources (
    list_id integer NOT NULL,
    name text NOT NULL,
    format text NOT NULL,
    kind text NOT NULL,
    trust text NOT NULL,
    uses text[] NOT NULL,
    may_notify boolean DEFAULT false NOT NULL,
    may_notify_by text[] DEFAULT '{}'::text[] NOT NULL,
    entries bigint DEFAULT 0 NOT NULL,
    created_at bigint NOT NULL,
    location text DEFAULT ''::text NOT NULL,
    mapping text DEFAULT ''::text NOT NULL,
    credentials text DEFAULT ''::text NOT NULL,
    cursor bytea DEFAULT '\x'::bytea NOT NULL,
    says boolean DEFAULT false NOT NULL,
    judged boolean DEFAULT true NOT NULL,
    CONSTRAINT list_sources_check CHECK (((NOT may_notify) OR (cardinality(may_notify_by) >= 2))),
    CONSTRAINT list_sources_kind_check CHECK ((kind = ANY (ARRAY['csam'::text, 'child-exploitative'::text, 'ncii-adult'::text, 'self-reported-minor'::text, 'other'::text, 'known-good'::text]))),
    CONSTRAINT list_sources_trust_check CHECK ((trust = ANY (ARRAY['unverified'::text, 'verified'::text]))),
    CONSTRAINT list_sources_uses_check CHECK ((uses <@ ARRAY['match'::text, 'notify'::text, 'shield'::text, 'export'::text]))
);

COMMENT ON COLUMN public.list_sources.credentials IS 'the path of a file, never what is in it';

COMMENT ON COLUMN public.list_sources.cursor IS 'where the last drained range of the source ended';

COMMENT ON COLUMN public.list_sources.says IS 'whether it ever brought opinions: what it says no more is then taken back';

COMMENT ON COLUMN public.list_sources.judged IS 'false while its entries are judged anew, for its trust or uses changed';

CREATE VIEW public.entry_states AS
 SELECT entry_id,
    changed_seq,
    size,
    ((standing <> ALL (ARRAY['held'::text, 'withdrawn'::text])) AND COALESCE(( SELECT true
           FROM (public.list_entries le
             JOIN public.list_sources l USING (list_id))
          WHERE ((le.entry_id = e.entry_id) AND (le.state = 0) AND ('match'::text = ANY (l.uses)) AND (l.kind = ANY (ARRAY['csam'::text, 'child-exploitative'::text])))
         LIMIT 1), false)) AS live
   FROM public.entries e;

COMMENT ON VIEW public.entry_states IS 'live: the entry may match now';

CREATE VIEW public.counted_entries AS
 SELECT e.entry_id,
    e.category,
    e.series_id,
    e.standing,
    k.kind
   FROM ((public.entries e
     JOIN public.entry_states s USING (entry_id))
     CROSS JOIN LATERAL ( SELECT
                CASE
                    WHEN bool_and((l.kind = 'csam'::text)) THEN 'csam'::text
                    ELSE 'child-exploitative'::text
                END AS kind,
            count(*) AS lists
           FROM (public.list_entries le
             JOIN public.list_sources l USING (list_id))
          WHERE ((le.entry_id = e.entry_id) AND (le.state < 3) AND (l.kind = ANY (ARRAY['csam'::text, 'child-exploitative'::text])))) k)
  WHERE (s.live AND (k.lists > 0));

COMMENT ON VIEW public.counted_entries IS 'entries that are in the figures; where lists disagree on the kind, the lower one holds';

CREATE TABLE public.matches (
    sha256 bytea NOT NULL,
    entry_id bigint NOT NULL,
    found_at bigint NOT NULL,
    distance smallint NOT NULL,
    turn smallint NOT NULL,
    quality smallint NOT NULL,
    band smallint NOT NULL,
    frames smallint NOT NULL,
    at real NOT NULL,
    near boolean NOT NULL,
    algorithm text NOT NULL,
    digest bytea NOT NULL,
    held text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    evidence bytea DEFAULT '\x'::bytea NOT NULL,
    released boolean DEFAULT false NOT NULL,
    CONSTRAINT matches_state_check CHECK ((state = ANY (ARRAY['open'::text, 'confirmed'::text, 'refused'::text, 'closed'::text])))
);

COMMENT ON TABLE public.matches IS 'a verdict belongs to (medium, entry), for all places past and future';

COMMENT ON COLUMN public.matches.evidence IS 'frames of a video that agree, as msgpack of contracts.vault.Agreement';

COMMENT ON COLUMN public.matches.released IS 'two people let the verdict count: no guard holds it again';

CREATE TABLE public.suppressions (
    sha256 bytea NOT NULL,
    entry_id bigint NOT NULL,
    why text NOT NULL,
    by_whom text NOT NULL,
    at bigint NOT NULL
);

COMMENT ON TABLE public.suppressions IS 'pairs that people have refused: they match no more';

CREATE VIEW public.counted_pairs AS
 SELECT sha256,
    entry_id,
    near,
    distance,
    (state = 'confirmed'::text) AS confirmed
   FROM public.matches m
  WHERE ((held = ''::text) AND (state <> 'refused'::text) AND (NOT (EXISTS ( SELECT
           FROM public.suppressions x
          WHERE ((x.sha256 = m.sha256) AND (x.entry_id = m.entry_id))))));

COMMENT ON VIEW public.counted_pairs IS 'verdicts that are in the figures while their entries are';

CREATE TABLE public.do_not_notify (
    stop_id bigint NOT NULL,
    scope text NOT NULL,
    subject bytea NOT NULL,
    authority text NOT NULL,
    why text DEFAULT ''::text NOT NULL,
    person text NOT NULL,
    at bigint NOT NULL,
    until bigint NOT NULL,
    ended_at bigint,
    CONSTRAINT do_not_notify_scope_check CHECK ((scope = ANY (ARRAY['recipient'::text, 'site'::text, 'case'::text, 'entry'::text])))
);

COMMENT ON TABLE public.do_not_notify IS 'an authority asks that somebody is not told, until then; subject: a recipient''s key, a site''s HMAC, a number';

ALTER TABLE public.do_not_notify ALTER COLUMN stop_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.do_not_notify_stop_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.entries ALTER COLUMN entry_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.entries_entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.entry_days (
    entry_id bigint NOT NULL,
    day integer NOT NULL,
    sha256 bytea NOT NULL,
    site bytea NOT NULL,
    host bytea NOT NULL,
    country text NOT NULL
);

COMMENT ON TABLE public.entry_days IS 'what was seen on a day (UTC, days since the epoch), once, however many places and however often';

CREATE TABLE public.entry_digests (
    entry_id bigint NOT NULL,
    algorithm text NOT NULL,
    digest bytea NOT NULL,
    list_id integer DEFAULT 0 NOT NULL,
    also integer[] DEFAULT '{}'::integer[] NOT NULL,
    CONSTRAINT entry_digests_check CHECK ((((algorithm = 'md5'::text) AND (length(digest) = 16)) OR ((algorithm = 'sha1'::text) AND (length(digest) = 20)) OR ((algorithm = ANY (ARRAY['sha256'::text, 'pdq'::text])) AND (length(digest) = 32))))
);

COMMENT ON TABLE public.entry_digests IS 'a digest is never taken from an entry: the entry is withdrawn instead';

COMMENT ON COLUMN public.entry_digests.list_id IS 'the list that gave it first, or the first verified one that did';

COMMENT ON COLUMN public.entry_digests.also IS 'other lists that gave it: a list is exported with its own digests only';

CREATE TABLE public.entry_events (
    event_id bigint NOT NULL,
    entry_id bigint NOT NULL,
    at bigint NOT NULL,
    what text NOT NULL,
    organisation text DEFAULT ''::text NOT NULL,
    person text DEFAULT ''::text NOT NULL,
    why text DEFAULT ''::text NOT NULL
);

COMMENT ON TABLE public.entry_events IS 'what became of an entry, and who said what; lines are only ever added';

ALTER TABLE public.entry_events ALTER COLUMN event_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.entry_events_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.entry_opaque (
    entry_id bigint NOT NULL,
    name text NOT NULL,
    value bytea NOT NULL
);

COMMENT ON TABLE public.entry_opaque IS 'digests that are kept and handed on, never matched';

CREATE TABLE public.entry_places (
    entry_id bigint NOT NULL,
    first_seen bigint NOT NULL,
    last_seen bigint NOT NULL,
    sha256 bytea NOT NULL,
    place bytea NOT NULL,
    site bytea NOT NULL,
    host bytea NOT NULL,
    country text NOT NULL
)
WITH (fillfactor='90');

COMMENT ON TABLE public.entry_places IS 'one row a match: what an entry explains where; country is that of the host when it was seen last';

CREATE TABLE public.entry_sites (
    entry_id bigint NOT NULL,
    first_seen bigint NOT NULL,
    last_seen bigint NOT NULL,
    site bytea NOT NULL
)
WITH (fillfactor='90');

COMMENT ON TABLE public.entry_sites IS 'sites of an entry, for floods';

CREATE TABLE public.entry_told (
    entry_id bigint NOT NULL,
    recipient text NOT NULL,
    told_at bigint NOT NULL
);

COMMENT ON TABLE public.entry_told IS 'to whom a notice about an entry was made first when: what the brakes count';

CREATE TABLE public.frame_counts (
    digest bytea NOT NULL,
    videos smallint DEFAULT 0 NOT NULL,
    stopped boolean DEFAULT false NOT NULL,
    reviewed boolean DEFAULT false NOT NULL,
    entries bigint[] DEFAULT '{}'::bigint[] NOT NULL
);

COMMENT ON TABLE public.frame_counts IS 'known digests that frames of videos were near, and how many unrelated videos; entries: of those stopped';

CREATE TABLE public.frame_videos (
    digest bytea NOT NULL,
    sha256 bytea NOT NULL,
    duration real NOT NULL,
    frames bytea NOT NULL
);
ALTER TABLE ONLY public.frame_videos ALTER COLUMN frames SET STORAGE EXTERNAL;

COMMENT ON TABLE public.frame_videos IS 'the unrelated videos that were counted, with what tells whether another is related to them';

CREATE TABLE public.handoff_answers (
    reference bytea NOT NULL,
    at bigint NOT NULL,
    person text NOT NULL
);

COMMENT ON TABLE public.handoff_answers IS 'answers of the tool that have counted: each person''s once';

CREATE TABLE public.handoffs (
    reference bytea NOT NULL,
    case_id bigint NOT NULL,
    at bigint NOT NULL,
    round integer NOT NULL,
    sha256 bytea NOT NULL,
    person text NOT NULL,
    CONSTRAINT handoffs_reference_check CHECK ((length(reference) = 16))
);

COMMENT ON TABLE public.handoffs IS 'cases that were handed to the assessment tool; reference: by which its answer names them';

CREATE TABLE public.holds (
    entry_id bigint NOT NULL,
    reason text NOT NULL,
    why text DEFAULT ''::text NOT NULL,
    at bigint NOT NULL,
    released_at bigint
);

COMMENT ON TABLE public.holds IS 'a reason that two people have released never holds the entry again';

CREATE TABLE public.index_snapshots (
    content bytea NOT NULL,
    seq bigint NOT NULL,
    made_at bigint NOT NULL,
    CONSTRAINT index_snapshots_content_check CHECK ((length(content) = 16))
);

COMMENT ON TABLE public.index_snapshots IS 'a snapshot that a restored backup does not name may know of changes that never happened';

CREATE TABLE public.list_bad_lines (
    import_id bigint NOT NULL,
    line bigint NOT NULL,
    col integer NOT NULL,
    reason text NOT NULL,
    evidence text NOT NULL
);

COMMENT ON TABLE public.list_bad_lines IS 'the first bad lines of an import; list_refusals counts all';

CREATE TABLE public.list_imports (
    import_id bigint NOT NULL,
    list_id integer NOT NULL,
    file text NOT NULL,
    started_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    ended_at bigint,
    error text DEFAULT ''::text NOT NULL,
    bytes bigint DEFAULT 0 NOT NULL,
    lines bigint DEFAULT 0 NOT NULL,
    read bigint DEFAULT 0 NOT NULL,
    added bigint DEFAULT 0 NOT NULL,
    changed bigint DEFAULT 0 NOT NULL,
    held bigint DEFAULT 0 NOT NULL,
    deleted bigint DEFAULT 0 NOT NULL,
    carried bigint DEFAULT 0 NOT NULL
);

COMMENT ON COLUMN public.list_imports.carried IS 'entries of the list when the import began: what a deletion is a share of';

ALTER TABLE public.list_imports ALTER COLUMN import_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.list_imports_import_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.list_refusals (
    import_id bigint NOT NULL,
    reason text NOT NULL,
    lines bigint NOT NULL
);

ALTER TABLE public.list_sources ALTER COLUMN list_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.list_sources_list_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.media (
    media_id bigint NOT NULL,
    size bigint NOT NULL,
    seen_at bigint NOT NULL,
    duration real DEFAULT 0 NOT NULL,
    width integer DEFAULT 0 NOT NULL,
    height integer DEFAULT 0 NOT NULL,
    sha256 bytea NOT NULL,
    sha1 bytea NOT NULL,
    md5 bytea NOT NULL,
    media_type text DEFAULT ''::text NOT NULL,
    why text DEFAULT ''::text NOT NULL,
    frames bytea DEFAULT '\x'::bytea NOT NULL,
    CONSTRAINT media_sha256_check CHECK ((length(sha256) = 32))
);
ALTER TABLE ONLY public.media ALTER COLUMN frames SET STORAGE EXTERNAL;

COMMENT ON COLUMN public.media.media_id IS 'a number that grows; a medium whose frames come later than itself gets another one then';

COMMENT ON COLUMN public.media.frames IS 'per frame: quality (1 byte), milliseconds (4 bytes, big-endian), eight PDQ forms of 32 bytes';

ALTER TABLE public.media ALTER COLUMN media_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.media_media_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.members (
    member_id integer NOT NULL,
    name text NOT NULL
);

COMMENT ON TABLE public.members IS 'organisations that entries come from, through whichever list';

ALTER TABLE public.members ALTER COLUMN member_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.members_member_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.migrations (
    number integer NOT NULL,
    name text NOT NULL,
    sha256 bytea NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.notice_cases (
    notice_id bigint NOT NULL,
    case_id bigint NOT NULL,
    place bytea DEFAULT '\x'::bytea NOT NULL,
    first_seen bigint NOT NULL,
    confirmed_at bigint NOT NULL,
    record bytea DEFAULT '\x'::bytea NOT NULL
);

COMMENT ON TABLE public.notice_cases IS 'what a notice tells; place is empty for the media, else the HMAC of a page. Times as they were told';

COMMENT ON COLUMN public.notice_cases.record IS 'msgpack of contracts.notices.NoticePlace as it was then, without what leads to the place';

CREATE TABLE public.notices (
    notice_id bigint NOT NULL,
    made_at bigint NOT NULL,
    next_at bigint NOT NULL,
    sent_at bigint,
    accepted_at bigint,
    answered_at bigint,
    tries integer DEFAULT 0 NOT NULL,
    places integer NOT NULL,
    recipient text NOT NULL,
    kind text NOT NULL,
    language text NOT NULL,
    state text NOT NULL,
    message_id text NOT NULL,
    idempotency_key text NOT NULL,
    in_reply_to text DEFAULT ''::text NOT NULL,
    said text DEFAULT ''::text NOT NULL,
    record bytea DEFAULT '\x'::bytea NOT NULL,
    CONSTRAINT notices_state_check CHECK ((state = ANY (ARRAY['made'::text, 'sending'::text, 'accepted'::text, 'written'::text, 'refused'::text, 'failed'::text, 'bounced'::text, 'held'::text])))
);

COMMENT ON TABLE public.notices IS 'the outbox: a row is committed before anything is sent; its text is composed anew from its cases each time';

COMMENT ON COLUMN public.notices.state IS 'written: by a dry run, into its folder; failed: its tries are used up, people are asked';

COMMENT ON COLUMN public.notices.record IS 'msgpack of contracts.recipients.Recipient, as it was when the notice was made';

ALTER TABLE public.notices ALTER COLUMN notice_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.notices_notice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.opinions (
    entry_id bigint NOT NULL,
    organisation text NOT NULL,
    list_id integer DEFAULT 0 NOT NULL,
    verdict text NOT NULL,
    why text DEFAULT ''::text NOT NULL,
    person text DEFAULT ''::text NOT NULL,
    said_at bigint NOT NULL,
    CONSTRAINT opinions_verdict_check CHECK ((verdict = ANY (ARRAY['confirm'::text, 'dispute'::text, 'withdraw'::text])))
);

COMMENT ON TABLE public.opinions IS 'the last word of each organisation, by the list that handed it on (0: a person here); the organisation '''' is ourselves';

CREATE TABLE public.partners (
    partner_id bigint NOT NULL,
    country text NOT NULL,
    name text NOT NULL,
    channel text NOT NULL,
    contact text NOT NULL,
    language text DEFAULT ''::text NOT NULL,
    accepts text[] NOT NULL,
    person text NOT NULL,
    added_at bigint NOT NULL,
    CONSTRAINT partners_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'webhook'::text]))),
    CONSTRAINT partners_country_check CHECK ((country ~ '^[A-Z]{2}$'::text))
);

COMMENT ON TABLE public.partners IS 'hotlines of other countries that take places in their country; accepts: kinds of lists';

ALTER TABLE public.partners ALTER COLUMN partner_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.partners_partner_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.pdq_blocks (
    last_media bigint NOT NULL,
    first_media bigint NOT NULL,
    media_ids bytea NOT NULL,
    hashes bytea NOT NULL,
    CONSTRAINT pdq_blocks_check CHECK ((first_media <= last_media)),
    CONSTRAINT pdq_blocks_check1 CHECK ((((length(media_ids) % 8) = 0) AND (length(hashes) = (32 * length(media_ids)))))
);
ALTER TABLE ONLY public.pdq_blocks ALTER COLUMN media_ids SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.pdq_blocks ALTER COLUMN hashes SET STORAGE EXTERNAL;

COMMENT ON TABLE public.pdq_blocks IS 'immutable: all hashes of media first_media..last_media; each begins where the one before ended';

COMMENT ON COLUMN public.pdq_blocks.media_ids IS 'one a frame: 8 bytes, little-endian';

COMMENT ON COLUMN public.pdq_blocks.hashes IS 'eight PDQ forms of 32 bytes a frame';

CREATE TABLE public.rdap_answers (
    question bytea NOT NULL,
    asked_at bigint NOT NULL,
    status smallint NOT NULL,
    sealed bytea NOT NULL
)
WITH (fillfactor='90');

COMMENT ON TABLE public.rdap_answers IS 'answers of registries with their age; question: keyed HMAC of what was asked';

COMMENT ON COLUMN public.rdap_answers.sealed IS 'server and body, under a key derived from that of places';

CREATE TABLE public.rdap_servers (
    server text NOT NULL,
    next_at bigint DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');

COMMENT ON TABLE public.rdap_servers IS 'when a registry''s server may be asked next, by all processes together';

CREATE TABLE public.recheck_answers (
    ticket bytea NOT NULL,
    case_id bigint NOT NULL,
    at bigint NOT NULL,
    sha256 bytea NOT NULL,
    answer bytea NOT NULL
);

COMMENT ON TABLE public.recheck_answers IS 'answers that wait for the hasher''s word on other media; answer: msgpack of contracts.messages.Recheck';

CREATE TABLE public.rechecks (
    case_id bigint NOT NULL,
    due_at bigint NOT NULL,
    asked_at bigint DEFAULT 0 NOT NULL,
    ticket bytea DEFAULT '\x'::bytea NOT NULL,
    host bytea DEFAULT '\x'::bytea NOT NULL,
    route text DEFAULT 'direct'::text NOT NULL,
    tries integer DEFAULT 0 NOT NULL
)
WITH (fillfactor='80');

COMMENT ON TABLE public.rechecks IS 'when the media of a case is looked at next';

COMMENT ON COLUMN public.rechecks.asked_at IS 'when it was asked for, and no answer has come; 0: not yet, -1: due, but as many as may be are out at its host';

CREATE TABLE public.recipients (
    key text NOT NULL,
    class text NOT NULL,
    name text NOT NULL,
    channel text NOT NULL,
    contact text NOT NULL,
    country text DEFAULT ''::text NOT NULL,
    language text DEFAULT ''::text NOT NULL,
    told_at bigint DEFAULT 0 NOT NULL,
    added_at bigint NOT NULL
);

COMMENT ON COLUMN public.recipients.told_at IS 'when the last notice to them was made: one an hour';

CREATE TABLE public.replies (
    reply_id bigint NOT NULL,
    at bigint NOT NULL,
    kept_at bigint NOT NULL,
    carried_at bigint,
    notice_id bigint,
    discarded bigint DEFAULT 0 NOT NULL,
    kind text NOT NULL,
    status text DEFAULT ''::text NOT NULL,
    key bytea NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT replies_kind_check CHECK ((kind = ANY (ARRAY['bounce'::text, 'removed'::text, 'question'::text, 'appeal'::text, 'auto'::text, 'other'::text])))
);

COMMENT ON TABLE public.replies IS 'what came back about notices';

COMMENT ON COLUMN public.replies.carried_at IS 'when its cases heard of it';

COMMENT ON COLUMN public.replies.notice_id IS 'the notice that it names; NULL if it names none of ours';

COMMENT ON COLUMN public.replies.discarded IS 'octets that were thrown away unread';

COMMENT ON COLUMN public.replies.key IS 'the same when the same reply is read again';

COMMENT ON COLUMN public.replies.sealed IS 'sender, subject and text under the key in reply_keys';

ALTER TABLE public.replies ALTER COLUMN reply_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.replies_reply_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reply_cases (
    reply_id bigint NOT NULL,
    case_id bigint NOT NULL
);

COMMENT ON TABLE public.reply_cases IS 'the cases of the notice that a reply names, as they were when it came';

CREATE TABLE public.reply_keys (
    reply_id bigint NOT NULL,
    wrapped bytea NOT NULL
);

COMMENT ON TABLE public.reply_keys IS 'each reply''s key, sealed to the notices role; backups that are kept long leave this table out';

CREATE TABLE public.requests (
    request_id bigint NOT NULL,
    act text NOT NULL,
    subject text NOT NULL,
    why text DEFAULT ''::text NOT NULL,
    person text NOT NULL,
    uid bigint NOT NULL,
    machine text NOT NULL,
    at bigint NOT NULL,
    done_at bigint
);

COMMENT ON TABLE public.requests IS 'acts that take two people: one row a person';

ALTER TABLE public.requests ALTER COLUMN request_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.requests_request_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.review_claims (
    case_id bigint NOT NULL,
    account bigint NOT NULL,
    until bigint NOT NULL,
    person text NOT NULL
);

COMMENT ON TABLE public.review_claims IS 'cases that somebody looks at now: they are put before nobody else until then';

CREATE TABLE public.review_decisions (
    case_id bigint NOT NULL,
    at bigint NOT NULL,
    account bigint NOT NULL,
    round integer NOT NULL,
    person text NOT NULL,
    decision text NOT NULL,
    basis text NOT NULL
);

COMMENT ON TABLE public.review_decisions IS 'what was decided, for sums of the team; what counts is in the case';

CREATE TABLE public.review_skips (
    case_id bigint NOT NULL,
    account bigint NOT NULL,
    until bigint NOT NULL,
    person text NOT NULL
);

COMMENT ON TABLE public.review_skips IS 'cases that somebody has skipped, for which nobody needs a reason';

CREATE TABLE public.series (
    series_id bytea NOT NULL,
    sealed bytea NOT NULL
);

COMMENT ON TABLE public.series IS 'blind ids and sealed names: a name can be that of a victim';

CREATE TABLE public.shield_days (
    account bigint NOT NULL,
    day integer NOT NULL,
    questions bigint NOT NULL,
    near bigint NOT NULL
)
WITH (fillfactor='50');

COMMENT ON COLUMN public.shield_days.near IS 'entries told of as near, each once while a process remembers';

CREATE VIEW public.shield_disclosed AS
 SELECT entry_id,
    algorithm,
    digest
   FROM public.entry_digests d
  WHERE ((algorithm = ANY (ARRAY['sha1'::text, 'sha256'::text])) AND (EXISTS ( SELECT
           FROM (public.list_sources l
             JOIN public.list_entries le ON (((le.list_id = l.list_id) AND (le.entry_id = d.entry_id) AND (le.state = 0))))
          WHERE (((l.list_id = d.list_id) OR (l.list_id = ANY (d.also))) AND (l.uses @> ARRAY['shield'::text, 'export'::text])))));

COMMENT ON VIEW public.shield_disclosed IS 'digests that a source''s terms (use export) allow to hand on to providers';

CREATE VIEW public.shield_good AS
 SELECT entry_id,
    algorithm,
    digest
   FROM public.entry_digests d
  WHERE (EXISTS ( SELECT
           FROM (public.list_entries le
             JOIN public.list_sources l USING (list_id))
          WHERE ((le.entry_id = d.entry_id) AND (le.state <> 3) AND (l.kind = 'known-good'::text))));

COMMENT ON VIEW public.shield_good IS 'digests of files that are known to be harmless';

CREATE TABLE public.shield_matches (
    account bigint NOT NULL,
    entry_id bigint NOT NULL,
    at bigint NOT NULL,
    request text NOT NULL
);

COMMENT ON TABLE public.shield_matches IS 'what a key was told: rows go after 30 days';

CREATE TABLE public.shield_opinions (
    opinion_id bigint NOT NULL,
    account bigint NOT NULL,
    name text NOT NULL,
    entry_id bigint NOT NULL,
    verdict text NOT NULL,
    reason text NOT NULL,
    at bigint NOT NULL,
    done_at bigint,
    CONSTRAINT shield_opinions_verdict_check CHECK ((verdict = ANY (ARRAY['confirm'::text, 'dispute'::text])))
);

COMMENT ON TABLE public.shield_opinions IS 'what providers say, on its way to opinions: Shield itself can change no entry';

ALTER TABLE public.shield_opinions ALTER COLUMN opinion_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.shield_opinions_opinion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.shield_secrets (
    account bigint NOT NULL,
    secret bytea NOT NULL,
    CONSTRAINT shield_secrets_secret_check CHECK ((length(secret) = 32))
);

COMMENT ON TABLE public.shield_secrets IS 'by which a key''s pseudonyms of entries are made: no two keys can compare theirs';

CREATE VIEW public.shield_states AS
 SELECT entry_id,
    changed_seq,
    size,
    media,
    legality,
    kind,
    ((kind IS NOT NULL) AND (standing <> ALL (ARRAY['held'::text, 'withdrawn'::text]))) AS live
   FROM ( SELECT e.entry_id,
            e.changed_seq,
            e.size,
            e.media,
            e.legality,
            e.standing,
            ( SELECT l.kind
                   FROM (public.list_entries le
                     JOIN public.list_sources l USING (list_id))
                  WHERE ((le.entry_id = e.entry_id) AND (le.state = 0) AND ('shield'::text = ANY (l.uses)) AND (l.kind <> 'known-good'::text))
                  ORDER BY (array_position(ARRAY['csam'::text, 'child-exploitative'::text, 'ncii-adult'::text, 'self-reported-minor'::text, 'other'::text], l.kind)) DESC
                 LIMIT 1) AS kind
           FROM public.entries e) s;

COMMENT ON VIEW public.shield_states IS 'live: the entry may answer providers now';

CREATE TABLE public.shield_suspensions (
    account bigint NOT NULL,
    entry_id bigint NOT NULL,
    at bigint NOT NULL,
    lifted_at bigint,
    lifted_by text DEFAULT ''::text NOT NULL,
    why text DEFAULT ''::text NOT NULL
);

COMMENT ON TABLE public.shield_suspensions IS 'keys that have circled an entry: they hear of near matches no more until people lift it';

CREATE TABLE public.shown_instead (
    host bytea NOT NULL,
    sha256 bytea NOT NULL,
    case_id bigint NOT NULL
);

COMMENT ON TABLE public.shown_instead IS 'other media that a host showed where a case''s was: at three cases it is a placeholder';

CREATE TABLE public.sightings (
    sha256 bytea NOT NULL,
    place bytea NOT NULL,
    first_seen bigint NOT NULL,
    last_seen bigint NOT NULL,
    sealed bytea NOT NULL,
    head_sha256 bytea DEFAULT '\x'::bytea NOT NULL,
    etag text DEFAULT ''::text NOT NULL,
    last_modified text DEFAULT ''::text NOT NULL
)
WITH (fillfactor='90');

COMMENT ON COLUMN public.sightings.place IS 'keyed HMAC of the url_id: tells places apart, leads nowhere';

CREATE TABLE public.switches (
    name text NOT NULL,
    value text NOT NULL,
    person text NOT NULL,
    at bigint NOT NULL
);

COMMENT ON TABLE public.switches IS 'what two people have switched: sending, auto-send';

CREATE TABLE public.tells (
    case_id bigint NOT NULL,
    due_at bigint NOT NULL,
    asked_at bigint NOT NULL,
    place bytea DEFAULT '\x'::bytea NOT NULL,
    kind text NOT NULL,
    recipient text NOT NULL
)
WITH (fillfactor='80');

COMMENT ON TABLE public.tells IS 'who is to be told of a case and is in no notice yet; a row goes as its notice is made';

CREATE TABLE public.variants (
    entry_id bigint NOT NULL,
    parent_id bigint NOT NULL
);

COMMENT ON TABLE public.variants IS 'entries of our own: a near match that people have confirmed, with the entry that it resembles';

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_login_key UNIQUE (login);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY public.case_cursors
    ADD CONSTRAINT case_cursors_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.case_entries
    ADD CONSTRAINT case_entries_pkey PRIMARY KEY (case_id, entry_id);

ALTER TABLE ONLY public.case_events
    ADD CONSTRAINT case_events_pkey PRIMARY KEY (event_id);

ALTER TABLE ONLY public.case_keys
    ADD CONSTRAINT case_keys_pkey PRIMARY KEY (case_id);

ALTER TABLE ONLY public.case_moves
    ADD CONSTRAINT case_moves_pkey PRIMARY KEY (place, case_id);

ALTER TABLE ONLY public.case_tasks
    ADD CONSTRAINT case_tasks_pkey PRIMARY KEY (case_id, task, entry_id);

ALTER TABLE ONLY public.cases
    ADD CONSTRAINT cases_pkey PRIMARY KEY (case_id);

ALTER TABLE ONLY public.cases
    ADD CONSTRAINT cases_place_sha256_key UNIQUE (place, sha256);

ALTER TABLE ONLY public.changed_media
    ADD CONSTRAINT changed_media_pkey PRIMARY KEY (change_id);

ALTER TABLE ONLY public.changes
    ADD CONSTRAINT changes_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY public.clock
    ADD CONSTRAINT clock_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.do_not_notify
    ADD CONSTRAINT do_not_notify_pkey PRIMARY KEY (stop_id);

ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_member_id_member_entry_id_key UNIQUE (member_id, member_entry_id);

ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (entry_id);

ALTER TABLE ONLY public.entry_days
    ADD CONSTRAINT entry_days_pkey PRIMARY KEY (day, entry_id, sha256, host, country);

ALTER TABLE ONLY public.entry_digests
    ADD CONSTRAINT entry_digests_pkey PRIMARY KEY (entry_id, algorithm, digest);

ALTER TABLE ONLY public.entry_events
    ADD CONSTRAINT entry_events_pkey PRIMARY KEY (event_id);

ALTER TABLE ONLY public.entry_opaque
    ADD CONSTRAINT entry_opaque_pkey PRIMARY KEY (entry_id, name, value);

ALTER TABLE ONLY public.entry_places
    ADD CONSTRAINT entry_places_pkey PRIMARY KEY (entry_id, sha256, place);

ALTER TABLE ONLY public.entry_sites
    ADD CONSTRAINT entry_sites_pkey PRIMARY KEY (entry_id, site);

ALTER TABLE ONLY public.entry_told
    ADD CONSTRAINT entry_told_pkey PRIMARY KEY (entry_id, recipient);

ALTER TABLE ONLY public.frame_counts
    ADD CONSTRAINT frame_counts_pkey PRIMARY KEY (digest);

ALTER TABLE ONLY public.frame_videos
    ADD CONSTRAINT frame_videos_pkey PRIMARY KEY (digest, sha256);

ALTER TABLE ONLY public.handoff_answers
    ADD CONSTRAINT handoff_answers_pkey PRIMARY KEY (reference, person);

ALTER TABLE ONLY public.handoffs
    ADD CONSTRAINT handoffs_pkey PRIMARY KEY (reference);

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_pkey PRIMARY KEY (entry_id, reason);

ALTER TABLE ONLY public.index_snapshots
    ADD CONSTRAINT index_snapshots_pkey PRIMARY KEY (content);

ALTER TABLE ONLY public.list_bad_lines
    ADD CONSTRAINT list_bad_lines_pkey PRIMARY KEY (import_id, line, col);

ALTER TABLE ONLY public.list_entries
    ADD CONSTRAINT list_entries_pkey PRIMARY KEY (entry_id, list_id);

ALTER TABLE ONLY public.list_imports
    ADD CONSTRAINT list_imports_pkey PRIMARY KEY (import_id);

ALTER TABLE ONLY public.list_refusals
    ADD CONSTRAINT list_refusals_pkey PRIMARY KEY (import_id, reason);

ALTER TABLE ONLY public.list_sources
    ADD CONSTRAINT list_sources_name_key UNIQUE (name);

ALTER TABLE ONLY public.list_sources
    ADD CONSTRAINT list_sources_pkey PRIMARY KEY (list_id);

ALTER TABLE ONLY public.matches
    ADD CONSTRAINT matches_pkey PRIMARY KEY (sha256, entry_id);

ALTER TABLE ONLY public.media
    ADD CONSTRAINT media_pkey PRIMARY KEY (media_id);

ALTER TABLE ONLY public.media
    ADD CONSTRAINT media_sha256_key UNIQUE (sha256);

ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_name_key UNIQUE (name);

ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_pkey PRIMARY KEY (member_id);

ALTER TABLE ONLY public.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.notice_cases
    ADD CONSTRAINT notice_cases_pkey PRIMARY KEY (notice_id, case_id, place);

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_idempotency_key_key UNIQUE (idempotency_key);

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_message_id_key UNIQUE (message_id);

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_pkey PRIMARY KEY (notice_id);

ALTER TABLE ONLY public.opinions
    ADD CONSTRAINT opinions_pkey PRIMARY KEY (entry_id, organisation, list_id);

ALTER TABLE ONLY public.partners
    ADD CONSTRAINT partners_country_channel_contact_key UNIQUE (country, channel, contact);

ALTER TABLE ONLY public.partners
    ADD CONSTRAINT partners_pkey PRIMARY KEY (partner_id);

ALTER TABLE ONLY public.pdq_blocks
    ADD CONSTRAINT pdq_blocks_first_media_key UNIQUE (first_media);

ALTER TABLE ONLY public.pdq_blocks
    ADD CONSTRAINT pdq_blocks_pkey PRIMARY KEY (last_media);

ALTER TABLE ONLY public.rdap_answers
    ADD CONSTRAINT rdap_answers_pkey PRIMARY KEY (question);

ALTER TABLE ONLY public.rdap_servers
    ADD CONSTRAINT rdap_servers_pkey PRIMARY KEY (server);

ALTER TABLE ONLY public.recheck_answers
    ADD CONSTRAINT recheck_answers_pkey PRIMARY KEY (ticket);

ALTER TABLE ONLY public.rechecks
    ADD CONSTRAINT rechecks_pkey PRIMARY KEY (case_id);

ALTER TABLE ONLY public.recipients
    ADD CONSTRAINT recipients_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.replies
    ADD CONSTRAINT replies_key_key UNIQUE (key);

ALTER TABLE ONLY public.replies
    ADD CONSTRAINT replies_pkey PRIMARY KEY (reply_id);

ALTER TABLE ONLY public.reply_cases
    ADD CONSTRAINT reply_cases_pkey PRIMARY KEY (reply_id, case_id);

ALTER TABLE ONLY public.reply_keys
    ADD CONSTRAINT reply_keys_pkey PRIMARY KEY (reply_id);

ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_pkey PRIMARY KEY (request_id);

ALTER TABLE ONLY public.review_claims
    ADD CONSTRAINT review_claims_pkey PRIMARY KEY (case_id);

ALTER TABLE ONLY public.review_decisions
    ADD CONSTRAINT review_decisions_pkey PRIMARY KEY (case_id, round, account, person);

ALTER TABLE ONLY public.review_skips
    ADD CONSTRAINT review_skips_pkey PRIMARY KEY (case_id, account, person);

ALTER TABLE ONLY public.series
    ADD CONSTRAINT series_pkey PRIMARY KEY (series_id);

ALTER TABLE ONLY public.shield_days
    ADD CONSTRAINT shield_days_pkey PRIMARY KEY (account, day);

ALTER TABLE ONLY public.shield_matches
    ADD CONSTRAINT shield_matches_pkey PRIMARY KEY (request, entry_id);

ALTER TABLE ONLY public.shield_opinions
    ADD CONSTRAINT shield_opinions_pkey PRIMARY KEY (opinion_id);

ALTER TABLE ONLY public.shield_secrets
    ADD CONSTRAINT shield_secrets_pkey PRIMARY KEY (account);

ALTER TABLE ONLY public.shield_suspensions
    ADD CONSTRAINT shield_suspensions_pkey PRIMARY KEY (account, at);

ALTER TABLE ONLY public.shown_instead
    ADD CONSTRAINT shown_instead_pkey PRIMARY KEY (host, sha256, case_id);

ALTER TABLE ONLY public.sightings
    ADD CONSTRAINT sightings_pkey PRIMARY KEY (sha256, place);

ALTER TABLE ONLY public.suppressions
    ADD CONSTRAINT suppressions_pkey PRIMARY KEY (sha256, entry_id);

ALTER TABLE ONLY public.switches
    ADD CONSTRAINT switches_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.tells
    ADD CONSTRAINT tells_pkey PRIMARY KEY (case_id, place, kind, recipient);

ALTER TABLE ONLY public.variants
    ADD CONSTRAINT variants_pkey PRIMARY KEY (entry_id, parent_id);

CREATE UNIQUE INDEX accounts_name ON public.accounts USING btree (name) WHERE (revoked_at IS NULL);

CREATE INDEX audit_at ON public.audit USING btree (at);

CREATE INDEX audit_person ON public.audit USING btree (person, at);

CREATE INDEX case_entries_entry ON public.case_entries USING btree (entry_id);

CREATE INDEX case_events_case ON public.case_events USING btree (case_id, event_id);

CREATE INDEX case_tasks_due ON public.case_tasks USING btree (task, due_at);

CREATE INDEX cases_entry ON public.cases USING btree (entry_id);

CREATE INDEX cases_opened ON public.cases USING btree (opened_at);

CREATE INDEX cases_recipient ON public.cases USING btree (recipient, state);

CREATE INDEX cases_sha256 ON public.cases USING btree (sha256);

CREATE INDEX cases_state ON public.cases USING btree (state, opened_at);

CREATE INDEX do_not_notify_subject ON public.do_not_notify USING btree (subject) WHERE (ended_at IS NULL);

CREATE INDEX entries_changed ON public.entries USING btree (changed_seq, entry_id);

CREATE INDEX entries_held ON public.entries USING btree (entry_id, held) WHERE (held <> ''::text);

CREATE INDEX entries_series ON public.entries USING btree (series_id, entry_id) WHERE (series_id <> '\x'::bytea);

CREATE INDEX entry_digests_digest ON public.entry_digests USING hash (digest);

CREATE INDEX entry_events_at ON public.entry_events USING brin (at) WITH (autosummarize='on');

CREATE INDEX entry_events_entry ON public.entry_events USING btree (entry_id, event_id);

CREATE INDEX entry_events_people ON public.entry_events USING btree (event_id) WHERE (person <> ''::text);

CREATE INDEX frame_counts_unreviewed ON public.frame_counts USING btree (digest) WHERE (stopped AND (NOT reviewed));

CREATE INDEX handoff_answers_at ON public.handoff_answers USING btree (at);

CREATE INDEX handoffs_at ON public.handoffs USING btree (at);

CREATE INDEX handoffs_case ON public.handoffs USING btree (case_id);

CREATE INDEX list_entries_going ON public.list_entries USING btree (list_id, entry_id) WHERE (state = ANY (ARRAY[1, 2]));

CREATE INDEX list_entries_import ON public.list_entries USING brin (import_id) WITH (pages_per_range='16', autosummarize='on');

CREATE INDEX list_imports_list ON public.list_imports USING btree (list_id, import_id);

CREATE INDEX matches_entry ON public.matches USING btree (entry_id, sha256);

CREATE INDEX matches_found ON public.matches USING btree (found_at);

CREATE INDEX matches_held ON public.matches USING btree (sha256, entry_id) WHERE (held <> ''::text);

CREATE INDEX media_md5 ON public.media USING btree (md5);

CREATE INDEX media_sha1 ON public.media USING btree (sha1);

CREATE INDEX notice_cases_case ON public.notice_cases USING btree (case_id);

CREATE INDEX notices_accepted ON public.notices USING btree (accepted_at) WHERE (accepted_at IS NOT NULL);

CREATE INDEX notices_due ON public.notices USING btree (next_at) WHERE (state = ANY (ARRAY['made'::text, 'sending'::text]));

CREATE INDEX notices_made ON public.notices USING btree (made_at);

CREATE INDEX notices_recipient ON public.notices USING btree (recipient, made_at);

CREATE INDEX rdap_answers_age ON public.rdap_answers USING btree (asked_at);

CREATE INDEX rechecks_asked ON public.rechecks USING btree (asked_at) WHERE (asked_at > 0);

CREATE INDEX rechecks_due ON public.rechecks USING btree (due_at) WHERE (asked_at = 0);

CREATE INDEX rechecks_host ON public.rechecks USING btree (host) WHERE (asked_at > 0);

CREATE UNIQUE INDEX rechecks_ticket ON public.rechecks USING btree (ticket) WHERE (ticket <> '\x'::bytea);

CREATE INDEX rechecks_waiting ON public.rechecks USING btree (host, due_at) WHERE (asked_at = '-1'::integer);

CREATE INDEX replies_kept ON public.replies USING btree (kept_at);

CREATE INDEX replies_notice ON public.replies USING btree (notice_id);

CREATE INDEX replies_waiting ON public.replies USING btree (reply_id) WHERE ((carried_at IS NULL) AND (notice_id IS NOT NULL));

CREATE INDEX reply_cases_case ON public.reply_cases USING btree (case_id);

CREATE INDEX requests_open ON public.requests USING btree (act, subject) WHERE (done_at IS NULL);

CREATE INDEX review_decisions_at ON public.review_decisions USING btree (at);

CREATE INDEX shield_matches_at ON public.shield_matches USING btree (at);

CREATE INDEX shield_opinions_open ON public.shield_opinions USING btree (opinion_id) WHERE (done_at IS NULL);

CREATE INDEX shield_suspensions_open ON public.shield_suspensions USING btree (account) WHERE (lifted_at IS NULL);

CREATE INDEX tells_recipient ON public.tells USING btree (recipient, due_at);

CREATE TRIGGER audit_append BEFORE INSERT ON public.audit FOR EACH ROW EXECUTE FUNCTION public.audit_append();

CREATE TRIGGER audit_stays BEFORE DELETE OR UPDATE ON public.audit FOR EACH ROW EXECUTE FUNCTION public.audit_stays();

CREATE TRIGGER audit_whole BEFORE TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION public.audit_stays();

CREATE TRIGGER case_key_emptied AFTER UPDATE OF wrapped ON public.case_keys FOR EACH ROW WHEN ((new.wrapped = '\x'::bytea)) EXECUTE FUNCTION public.case_key_gone();

CREATE TRIGGER case_key_gone AFTER DELETE ON public.case_keys FOR EACH ROW EXECUTE FUNCTION public.case_key_gone();

CREATE TRIGGER pair_changed AFTER UPDATE ON public.matches FOR EACH ROW WHEN (((((old.state IS DISTINCT FROM new.state) OR (old.held IS DISTINCT FROM new.held)) OR (old.near IS DISTINCT FROM new.near)) OR (old.distance IS DISTINCT FROM new.distance))) EXECUTE FUNCTION public.pair_changed();

CREATE TRIGGER pair_changed AFTER INSERT ON public.suppressions FOR EACH ROW EXECUTE FUNCTION public.pair_changed();

ALTER TABLE ONLY public.list_bad_lines
    ADD CONSTRAINT list_bad_lines_import_id_fkey FOREIGN KEY (import_id) REFERENCES public.list_imports(import_id);

ALTER TABLE ONLY public.list_imports
    ADD CONSTRAINT list_imports_list_id_fkey FOREIGN KEY (list_id) REFERENCES public.list_sources(list_id);

ALTER TABLE ONLY public.list_refusals
    ADD CONSTRAINT list_refusals_import_id_fkey FOREIGN KEY (import_id) REFERENCES public.list_imports(import_id);

ALTER TABLE ONLY public.matches
    ADD CONSTRAINT matches_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES public.entries(entry_id);

ALTER TABLE ONLY public.reply_cases
    ADD CONSTRAINT reply_cases_reply_id_fkey FOREIGN KEY (reply_id) REFERENCES public.replies(reply_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reply_keys
    ADD CONSTRAINT reply_keys_reply_id_fkey FOREIGN KEY (reply_id) REFERENCES public.replies(reply_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.suppressions
    ADD CONSTRAINT suppressions_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES public.entries(entry_id);

REVOKE ALL ON FUNCTION public.cut_audit(upto bigint, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.cut_audit(upto bigint, most integer) TO pisaura_notices;

REVOKE ALL ON FUNCTION public.pair_changed() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.revealed_since(who text, whose bigint, since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.revealed_since(who text, whose bigint, since timestamp with time zone) TO pisaura_hasher;
GRANT ALL ON FUNCTION public.revealed_since(who text, whose bigint, since timestamp with time zone) TO pisaura_notices;

GRANT SELECT ON TABLE public.accounts TO pisaura_hasher;
GRANT SELECT,INSERT ON TABLE public.accounts TO pisaura_notices;
GRANT SELECT ON TABLE public.accounts TO pisaura_shield;

GRANT UPDATE(revoked_at) ON TABLE public.accounts TO pisaura_notices;

GRANT UPDATE(revoked_by) ON TABLE public.accounts TO pisaura_notices;

GRANT USAGE ON SEQUENCE public.accounts_account_id_seq TO pisaura_notices;

GRANT SELECT ON TABLE public.audit TO pisaura_notices;

GRANT SELECT(seq),INSERT(seq) ON TABLE public.audit TO pisaura_hasher;
GRANT INSERT(seq) ON TABLE public.audit TO pisaura_notices;

GRANT INSERT(at) ON TABLE public.audit TO pisaura_hasher;
GRANT INSERT(at) ON TABLE public.audit TO pisaura_notices;

GRANT INSERT(person) ON TABLE public.audit TO pisaura_hasher;
GRANT INSERT(person) ON TABLE public.audit TO pisaura_notices;

GRANT INSERT(uid) ON TABLE public.audit TO pisaura_hasher;
GRANT INSERT(uid) ON TABLE public.audit TO pisaura_notices;

GRANT INSERT(machine) ON TABLE public.audit TO pisaura_hasher;
GRANT INSERT(machine) ON TABLE public.audit TO pisaura_notices;

GRANT INSERT(verb) ON TABLE public.audit TO pisaura_hasher;
GRANT INSERT(verb) ON TABLE public.audit TO pisaura_notices;

GRANT INSERT(purpose) ON TABLE public.audit TO pisaura_hasher;
GRANT INSERT(purpose) ON TABLE public.audit TO pisaura_notices;

GRANT INSERT(places) ON TABLE public.audit TO pisaura_hasher;
GRANT INSERT(places) ON TABLE public.audit TO pisaura_notices;

GRANT INSERT(account) ON TABLE public.audit TO pisaura_hasher;
GRANT INSERT(account) ON TABLE public.audit TO pisaura_notices;

GRANT INSERT(person_role) ON TABLE public.audit TO pisaura_hasher;
GRANT INSERT(person_role) ON TABLE public.audit TO pisaura_notices;

GRANT INSERT(subject) ON TABLE public.audit TO pisaura_hasher;
GRANT INSERT(subject) ON TABLE public.audit TO pisaura_notices;

GRANT INSERT(previous) ON TABLE public.audit TO pisaura_hasher;
GRANT INSERT(previous) ON TABLE public.audit TO pisaura_notices;

GRANT SELECT(mac),INSERT(mac) ON TABLE public.audit TO pisaura_hasher;
GRANT INSERT(mac) ON TABLE public.audit TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.case_cursors TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.case_entries TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.case_events TO pisaura_notices;

GRANT USAGE ON SEQUENCE public.case_events_event_id_seq TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.case_keys TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.case_moves TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.case_tasks TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.cases TO pisaura_notices;

GRANT USAGE ON SEQUENCE public.cases_case_id_seq TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.changed_media TO pisaura_notices;

GRANT USAGE ON SEQUENCE public.changed_media_change_id_seq TO pisaura_notices;

GRANT SELECT,INSERT,UPDATE ON TABLE public.changes TO pisaura_hasher;
GRANT SELECT,INSERT ON TABLE public.changes TO pisaura_notices;

GRANT SELECT,INSERT,UPDATE ON TABLE public.clock TO pisaura_hasher;
GRANT SELECT ON TABLE public.clock TO pisaura_notices;

GRANT SELECT(singleton) ON TABLE public.clock TO pisaura_shield;

GRANT UPDATE(seq) ON TABLE public.clock TO pisaura_notices;
GRANT SELECT(seq) ON TABLE public.clock TO pisaura_shield;

GRANT SELECT,INSERT,UPDATE ON TABLE public.entries TO pisaura_hasher;
GRANT SELECT,INSERT,UPDATE ON TABLE public.entries TO pisaura_notices;

GRANT SELECT(entry_id) ON TABLE public.entries TO pisaura_shield;

GRANT SELECT(changed_seq) ON TABLE public.entries TO pisaura_shield;

GRANT SELECT,INSERT,UPDATE ON TABLE public.list_entries TO pisaura_hasher;
GRANT SELECT,INSERT,UPDATE ON TABLE public.list_entries TO pisaura_notices;

GRANT SELECT,INSERT,UPDATE ON TABLE public.list_sources TO pisaura_hasher;
GRANT SELECT,INSERT ON TABLE public.list_sources TO pisaura_notices;

GRANT UPDATE(entries) ON TABLE public.list_sources TO pisaura_notices;

GRANT UPDATE(says) ON TABLE public.list_sources TO pisaura_notices;

GRANT SELECT ON TABLE public.entry_states TO pisaura_hasher;
GRANT SELECT ON TABLE public.entry_states TO pisaura_notices;

GRANT SELECT ON TABLE public.counted_entries TO pisaura_hasher;
GRANT SELECT ON TABLE public.counted_entries TO pisaura_notices;

GRANT SELECT,INSERT,UPDATE ON TABLE public.matches TO pisaura_hasher;
GRANT SELECT ON TABLE public.matches TO pisaura_notices;

GRANT UPDATE(held) ON TABLE public.matches TO pisaura_notices;

GRANT UPDATE(state) ON TABLE public.matches TO pisaura_notices;

GRANT UPDATE(released) ON TABLE public.matches TO pisaura_notices;

GRANT SELECT ON TABLE public.suppressions TO pisaura_hasher;
GRANT SELECT,INSERT,UPDATE ON TABLE public.suppressions TO pisaura_notices;

GRANT SELECT(sha256) ON TABLE public.suppressions TO pisaura_shield;

GRANT SELECT(entry_id) ON TABLE public.suppressions TO pisaura_shield;

GRANT SELECT ON TABLE public.counted_pairs TO pisaura_hasher;
GRANT SELECT ON TABLE public.counted_pairs TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.do_not_notify TO pisaura_notices;

GRANT USAGE ON SEQUENCE public.do_not_notify_stop_id_seq TO pisaura_notices;

GRANT USAGE,UPDATE ON SEQUENCE public.entries_entry_id_seq TO pisaura_hasher;
GRANT USAGE,UPDATE ON SEQUENCE public.entries_entry_id_seq TO pisaura_notices;

GRANT SELECT,INSERT,UPDATE ON TABLE public.entry_days TO pisaura_notices;
GRANT SELECT ON TABLE public.entry_days TO pisaura_hasher;

GRANT SELECT,INSERT,UPDATE ON TABLE public.entry_digests TO pisaura_hasher;
GRANT SELECT,INSERT ON TABLE public.entry_digests TO pisaura_notices;
GRANT SELECT ON TABLE public.entry_digests TO pisaura_shield;

GRANT UPDATE(list_id) ON TABLE public.entry_digests TO pisaura_notices;

GRANT UPDATE(also) ON TABLE public.entry_digests TO pisaura_notices;

GRANT SELECT,INSERT ON TABLE public.entry_events TO pisaura_hasher;
GRANT SELECT,INSERT ON TABLE public.entry_events TO pisaura_notices;

GRANT USAGE ON SEQUENCE public.entry_events_event_id_seq TO pisaura_hasher;
GRANT USAGE ON SEQUENCE public.entry_events_event_id_seq TO pisaura_notices;

GRANT SELECT,INSERT,UPDATE ON TABLE public.entry_opaque TO pisaura_hasher;
GRANT SELECT ON TABLE public.entry_opaque TO pisaura_notices;

GRANT SELECT,INSERT,UPDATE ON TABLE public.entry_places TO pisaura_notices;
GRANT SELECT ON TABLE public.entry_places TO pisaura_hasher;

GRANT SELECT,INSERT,UPDATE ON TABLE public.entry_sites TO pisaura_notices;
GRANT SELECT ON TABLE public.entry_sites TO pisaura_hasher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.entry_told TO pisaura_notices;

GRANT SELECT ON TABLE public.frame_counts TO pisaura_notices;
GRANT SELECT,INSERT,UPDATE ON TABLE public.frame_counts TO pisaura_hasher;

GRANT SELECT(digest) ON TABLE public.frame_counts TO pisaura_shield;

GRANT SELECT(stopped) ON TABLE public.frame_counts TO pisaura_shield;

GRANT SELECT,INSERT,DELETE ON TABLE public.frame_videos TO pisaura_hasher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.handoff_answers TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.handoffs TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.holds TO pisaura_hasher;
GRANT SELECT,INSERT,UPDATE ON TABLE public.holds TO pisaura_notices;

GRANT SELECT,INSERT,DELETE ON TABLE public.index_snapshots TO pisaura_hasher;
GRANT SELECT,INSERT,DELETE ON TABLE public.index_snapshots TO pisaura_shield;

GRANT SELECT,INSERT,UPDATE ON TABLE public.list_bad_lines TO pisaura_hasher;
GRANT SELECT ON TABLE public.list_bad_lines TO pisaura_notices;

GRANT SELECT,INSERT,UPDATE ON TABLE public.list_imports TO pisaura_hasher;
GRANT SELECT ON TABLE public.list_imports TO pisaura_notices;

GRANT USAGE ON SEQUENCE public.list_imports_import_id_seq TO pisaura_hasher;
GRANT USAGE ON SEQUENCE public.list_imports_import_id_seq TO pisaura_notices;

GRANT SELECT,INSERT,UPDATE ON TABLE public.list_refusals TO pisaura_hasher;
GRANT SELECT ON TABLE public.list_refusals TO pisaura_notices;

GRANT USAGE ON SEQUENCE public.list_sources_list_id_seq TO pisaura_hasher;
GRANT USAGE ON SEQUENCE public.list_sources_list_id_seq TO pisaura_notices;

GRANT SELECT,INSERT,UPDATE ON TABLE public.media TO pisaura_hasher;
GRANT SELECT,DELETE ON TABLE public.media TO pisaura_notices;

GRANT UPDATE(seen_at) ON TABLE public.media TO pisaura_notices;

GRANT USAGE ON SEQUENCE public.media_media_id_seq TO pisaura_hasher;
GRANT USAGE ON SEQUENCE public.media_media_id_seq TO pisaura_notices;

GRANT SELECT,INSERT,UPDATE ON TABLE public.members TO pisaura_hasher;
GRANT SELECT,INSERT ON TABLE public.members TO pisaura_notices;

GRANT USAGE ON SEQUENCE public.members_member_id_seq TO pisaura_hasher;
GRANT USAGE ON SEQUENCE public.members_member_id_seq TO pisaura_notices;

GRANT SELECT ON TABLE public.migrations TO pisaura_hasher;
GRANT SELECT ON TABLE public.migrations TO pisaura_notices;
GRANT SELECT ON TABLE public.migrations TO pisaura_shield;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notice_cases TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notices TO pisaura_notices;

GRANT USAGE ON SEQUENCE public.notices_notice_id_seq TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.opinions TO pisaura_hasher;
GRANT SELECT,INSERT,UPDATE ON TABLE public.opinions TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.partners TO pisaura_notices;

GRANT USAGE ON SEQUENCE public.partners_partner_id_seq TO pisaura_notices;

GRANT SELECT,INSERT ON TABLE public.pdq_blocks TO pisaura_hasher;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rdap_answers TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rdap_servers TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.recheck_answers TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rechecks TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.recipients TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.replies TO pisaura_notices;

GRANT USAGE ON SEQUENCE public.replies_reply_id_seq TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reply_cases TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reply_keys TO pisaura_notices;

GRANT SELECT,INSERT,UPDATE ON TABLE public.requests TO pisaura_hasher;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.requests TO pisaura_notices;

GRANT USAGE ON SEQUENCE public.requests_request_id_seq TO pisaura_hasher;
GRANT USAGE ON SEQUENCE public.requests_request_id_seq TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.review_claims TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.review_decisions TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.review_skips TO pisaura_notices;

GRANT SELECT,INSERT,UPDATE ON TABLE public.series TO pisaura_hasher;
GRANT SELECT,INSERT ON TABLE public.series TO pisaura_notices;

GRANT UPDATE(sealed) ON TABLE public.series TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.shield_days TO pisaura_shield;
GRANT SELECT,DELETE ON TABLE public.shield_days TO pisaura_notices;

GRANT SELECT ON TABLE public.shield_disclosed TO pisaura_shield;

GRANT SELECT ON TABLE public.shield_good TO pisaura_shield;

GRANT SELECT,INSERT,DELETE ON TABLE public.shield_matches TO pisaura_shield;
GRANT SELECT,DELETE ON TABLE public.shield_matches TO pisaura_notices;

GRANT INSERT ON TABLE public.shield_opinions TO pisaura_shield;
GRANT SELECT ON TABLE public.shield_opinions TO pisaura_hasher;
GRANT SELECT,DELETE ON TABLE public.shield_opinions TO pisaura_notices;

GRANT UPDATE(done_at) ON TABLE public.shield_opinions TO pisaura_hasher;

GRANT USAGE ON SEQUENCE public.shield_opinions_opinion_id_seq TO pisaura_shield;

GRANT SELECT,INSERT ON TABLE public.shield_secrets TO pisaura_shield;

GRANT SELECT ON TABLE public.shield_states TO pisaura_shield;

GRANT INSERT ON TABLE public.shield_suspensions TO pisaura_shield;
GRANT SELECT ON TABLE public.shield_suspensions TO pisaura_notices;

GRANT SELECT(account) ON TABLE public.shield_suspensions TO pisaura_shield;

GRANT SELECT(entry_id) ON TABLE public.shield_suspensions TO pisaura_shield;

GRANT SELECT(at) ON TABLE public.shield_suspensions TO pisaura_shield;

GRANT SELECT(lifted_at) ON TABLE public.shield_suspensions TO pisaura_shield;
GRANT UPDATE(lifted_at) ON TABLE public.shield_suspensions TO pisaura_notices;

GRANT UPDATE(lifted_by) ON TABLE public.shield_suspensions TO pisaura_notices;

GRANT UPDATE(why) ON TABLE public.shield_suspensions TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.shown_instead TO pisaura_notices;

GRANT SELECT,INSERT,UPDATE ON TABLE public.sightings TO pisaura_hasher;
GRANT SELECT,DELETE ON TABLE public.sightings TO pisaura_notices;

GRANT UPDATE(sealed) ON TABLE public.sightings TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.switches TO pisaura_notices;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tells TO pisaura_notices;

GRANT SELECT ON TABLE public.variants TO pisaura_hasher;
GRANT SELECT,INSERT ON TABLE public.variants TO pisaura_notices;
