-- From match to removal (docs/domain.md, sections 2 and 3): cases, whom they are told to, re-checks. Nothing here leads to a place but
-- under a case's own key; keys lie in a table apart, which backups that are kept long leave out (docs/operations.md).

CREATE TABLE cases (
    case_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
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
    version bigint NOT NULL DEFAULT 0,
    near boolean NOT NULL,
    one_route boolean NOT NULL DEFAULT false,
    escalate boolean NOT NULL DEFAULT false,
    paused boolean NOT NULL DEFAULT false,
    place bytea NOT NULL,
    sha256 bytea NOT NULL,
    site bytea NOT NULL DEFAULT '',
    host bytea NOT NULL DEFAULT '',
    state text NOT NULL CHECK (state IN (
        'found', 'in_review', 'ready', 'held', 'released', 'notified', 'acknowledged', 'gone', 'back', 'unverifiable', 'closed')),
    why text NOT NULL DEFAULT '',
    kind text NOT NULL,
    legality text NOT NULL DEFAULT 'unknown',
    category text NOT NULL DEFAULT '',
    country text NOT NULL DEFAULT '',
    recipient text NOT NULL DEFAULT '',
    legal_hold text NOT NULL DEFAULT '',
    record bytea NOT NULL,
    sealed bytea NOT NULL DEFAULT '',
    UNIQUE (place, sha256)
) WITH (fillfactor = 80);
COMMENT ON TABLE cases IS 'one (media URL, media identity) on its way to removal';
COMMENT ON COLUMN cases.record IS 'msgpack of contracts.cases.Case, the whole truth; the other columns are drawn from it for queries';
COMMENT ON COLUMN cases.sealed IS 'URL, address and pages under the case''s own key';
COMMENT ON COLUMN cases.recipient IS 'key of who is told of the media';
COMMENT ON COLUMN cases.version IS 'counts changes: who writes must have read the last one';
CREATE INDEX cases_state ON cases (state, opened_at);
CREATE INDEX cases_entry ON cases (entry_id);
CREATE INDEX cases_sha256 ON cases (sha256);
CREATE INDEX cases_recipient ON cases (recipient, state);
CREATE INDEX cases_opened ON cases (opened_at);

CREATE TABLE case_keys (
    case_id bigint PRIMARY KEY,
    wrapped bytea NOT NULL
);
COMMENT ON TABLE case_keys IS 'each case''s key, sealed to the notices role; backups that are kept long leave this table out';

CREATE TABLE case_entries (
    case_id bigint NOT NULL,
    entry_id bigint NOT NULL,
    found_at bigint NOT NULL,
    PRIMARY KEY (case_id, entry_id)
);
COMMENT ON TABLE case_entries IS 'the entries that are evidence of a case; a new one opens no second case';
CREATE INDEX case_entries_entry ON case_entries (entry_id);

CREATE TABLE case_events (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id bigint NOT NULL,
    at bigint NOT NULL,
    what text NOT NULL,
    person text NOT NULL DEFAULT '',
    why text NOT NULL DEFAULT '',
    sealed bytea NOT NULL DEFAULT ''
);
COMMENT ON TABLE case_events IS 'what became of a case and who did it; lines are only added, and go with the case. sealed: under its key';
CREATE INDEX case_events_case ON case_events (case_id, event_id);

CREATE TABLE case_tasks (
    case_id bigint NOT NULL,
    entry_id bigint NOT NULL DEFAULT 0,
    due_at bigint NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    task text NOT NULL,
    PRIMARY KEY (case_id, task, entry_id)
) WITH (fillfactor = 80);
COMMENT ON TABLE case_tasks IS 'what is to be done for a case besides re-checks and notices; entry_id: about which entry, 0 for none';
CREATE INDEX case_tasks_due ON case_tasks (task, due_at);

CREATE TABLE tells (
    case_id bigint NOT NULL,
    due_at bigint NOT NULL,
    asked_at bigint NOT NULL,
    place bytea NOT NULL DEFAULT '',
    kind text NOT NULL,
    recipient text NOT NULL,
    PRIMARY KEY (case_id, place, kind, recipient)
) WITH (fillfactor = 80);
COMMENT ON TABLE tells IS 'who is to be told of a case and is in no notice yet; a row goes as its notice is made';
CREATE INDEX tells_recipient ON tells (recipient, due_at);

CREATE TABLE changed_media (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256 bytea NOT NULL
);
COMMENT ON TABLE changed_media IS 'media of cases whose verdicts or entries have changed: their cases are looked at again, and the row goes';

CREATE TABLE case_cursors (
    name text PRIMARY KEY,
    value bigint NOT NULL
);
COMMENT ON TABLE case_cursors IS 'up to which change of entries cases were looked at again';

CREATE TABLE recipients (
    key text PRIMARY KEY,
    class text NOT NULL,
    name text NOT NULL,
    channel text NOT NULL,
    contact text NOT NULL,
    country text NOT NULL DEFAULT '',
    language text NOT NULL DEFAULT '',
    told_at bigint NOT NULL DEFAULT 0,
    added_at bigint NOT NULL
);
COMMENT ON COLUMN recipients.told_at IS 'when the last notice to them was made: one an hour';

CREATE TABLE notices (
    notice_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    made_at bigint NOT NULL,
    next_at bigint NOT NULL,
    sent_at bigint,
    accepted_at bigint,
    answered_at bigint,
    tries integer NOT NULL DEFAULT 0,
    places integer NOT NULL,
    recipient text NOT NULL,
    kind text NOT NULL,
    language text NOT NULL,
    state text NOT NULL CHECK (state IN ('made', 'sending', 'accepted', 'written', 'refused', 'failed', 'bounced', 'held')),
    message_id text NOT NULL UNIQUE,
    idempotency_key text NOT NULL UNIQUE,
    in_reply_to text NOT NULL DEFAULT '',
    said text NOT NULL DEFAULT '',
    record bytea NOT NULL DEFAULT ''
);
COMMENT ON TABLE notices IS 'the outbox: a row is committed before anything is sent; its text is composed anew from its cases each time';
COMMENT ON COLUMN notices.state IS 'written: by a dry run, into its folder; failed: its tries are used up, people are asked';
CREATE INDEX notices_due ON notices (next_at) WHERE state IN ('made', 'sending');
CREATE INDEX notices_made ON notices (made_at);
CREATE INDEX notices_recipient ON notices (recipient, made_at);

CREATE TABLE notice_cases (
    notice_id bigint NOT NULL,
    case_id bigint NOT NULL,
    place bytea NOT NULL DEFAULT '',
    first_seen bigint NOT NULL,
    confirmed_at bigint NOT NULL,
    record bytea NOT NULL DEFAULT '',
    PRIMARY KEY (notice_id, case_id, place)
);
COMMENT ON COLUMN notices.record IS 'msgpack of contracts.recipients.Recipient, as it was when the notice was made';
COMMENT ON COLUMN notice_cases.record IS 'msgpack of contracts.notices.NoticePlace as it was then, without what leads to the place';
COMMENT ON TABLE notice_cases IS 'what a notice tells; place is empty for the media, else the HMAC of a page. Times as they were told';
CREATE INDEX notice_cases_case ON notice_cases (case_id);

CREATE TABLE entry_told (
    entry_id bigint NOT NULL,
    recipient text NOT NULL,
    told_at bigint NOT NULL,
    PRIMARY KEY (entry_id, recipient)
);
COMMENT ON TABLE entry_told IS 'to whom a notice about an entry was made first when: what the brakes count';

CREATE TABLE rechecks (
    case_id bigint PRIMARY KEY,
    due_at bigint NOT NULL,
    asked_at bigint NOT NULL DEFAULT 0,
    ticket bytea NOT NULL DEFAULT '',
    host bytea NOT NULL DEFAULT '',
    route text NOT NULL DEFAULT 'direct',
    tries integer NOT NULL DEFAULT 0
) WITH (fillfactor = 80);
COMMENT ON TABLE rechecks IS 'when the media of a case is looked at next';
COMMENT ON COLUMN rechecks.asked_at IS 'when it was asked for, and no answer has come; 0: not yet, -1: due, but as many as may be are out at its host';
CREATE INDEX rechecks_due ON rechecks (due_at) WHERE asked_at = 0;
CREATE INDEX rechecks_waiting ON rechecks (host, due_at) WHERE asked_at = -1;
CREATE INDEX rechecks_asked ON rechecks (asked_at) WHERE asked_at > 0;
CREATE UNIQUE INDEX rechecks_ticket ON rechecks (ticket) WHERE ticket <> '';
CREATE INDEX rechecks_host ON rechecks (host) WHERE asked_at > 0;

CREATE TABLE recheck_answers (
    ticket bytea PRIMARY KEY,
    case_id bigint NOT NULL,
    at bigint NOT NULL,
    sha256 bytea NOT NULL,
    answer bytea NOT NULL
);
COMMENT ON TABLE recheck_answers IS 'answers that wait for the hasher''s word on other media; answer: msgpack of contracts.messages.Recheck';

CREATE TABLE shown_instead (
    host bytea NOT NULL,
    sha256 bytea NOT NULL,
    case_id bigint NOT NULL,
    PRIMARY KEY (host, sha256, case_id)
);
COMMENT ON TABLE shown_instead IS 'other media that a host showed where a case''s was: at three cases it is a placeholder';

CREATE TABLE case_moves (
    place bytea NOT NULL,
    case_id bigint NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (place, case_id)
);
COMMENT ON TABLE case_moves IS 'places to which media of cases moved, until a case is there';

CREATE TABLE do_not_notify (
    stop_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scope text NOT NULL CHECK (scope IN ('recipient', 'site', 'case', 'entry')),
    subject bytea NOT NULL,
    authority text NOT NULL,
    why text NOT NULL DEFAULT '',
    person text NOT NULL,
    at bigint NOT NULL,
    until bigint NOT NULL,
    ended_at bigint
);
CREATE INDEX do_not_notify_subject ON do_not_notify (subject) WHERE ended_at IS NULL;
COMMENT ON TABLE do_not_notify IS 'an authority asks that somebody is not told, until then; subject: a recipient''s key, a site''s HMAC, a number';

CREATE TABLE switches (
    name text PRIMARY KEY,
    value text NOT NULL,
    person text NOT NULL,
    at bigint NOT NULL
);
COMMENT ON TABLE switches IS 'what two people have switched: sending, auto-send';

CREATE FUNCTION pair_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO changed_media (sha256) SELECT NEW.sha256 WHERE EXISTS (SELECT FROM cases WHERE cases.sha256 = NEW.sha256);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION pair_changed() IS 'a verdict changed on which a case may rest; who changes it need not see cases';
CREATE TRIGGER pair_changed AFTER UPDATE ON matches FOR EACH ROW
    WHEN ((OLD.state, OLD.held, OLD.near, OLD.distance) IS DISTINCT FROM (NEW.state, NEW.held, NEW.near, NEW.distance))
    EXECUTE FUNCTION pair_changed();
CREATE TRIGGER pair_changed AFTER INSERT ON suppressions FOR EACH ROW EXECUTE FUNCTION pair_changed();

GRANT SELECT, INSERT, UPDATE, DELETE ON cases, case_keys, case_entries, case_events, case_tasks, tells, changed_media, case_cursors,
    recipients, notices, notice_cases, entry_told, rechecks, recheck_answers, shown_instead, case_moves, do_not_notify,
    switches TO pisaura_notices;
REVOKE ALL ON FUNCTION pair_changed() FROM PUBLIC;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO pisaura_notices;
GRANT SELECT, INSERT, UPDATE, DELETE ON requests TO pisaura_notices;
GRANT DELETE ON sightings TO pisaura_notices;
GRANT UPDATE (sealed) ON sightings TO pisaura_notices;
GRANT SELECT ON opinions, suppressions, frame_counts, list_sources, entries, list_entries, entry_digests TO pisaura_notices;
