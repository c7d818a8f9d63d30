-- What people do with cases (docs/domain.md, section 2): who looks at which one, what was decided how often, what was handed to the
-- hotline's own assessment tool, and verdicts that two people have released. Nothing here leads to a place.

CREATE TABLE review_claims (
    case_id bigint PRIMARY KEY,
    account bigint NOT NULL,
    until bigint NOT NULL,
    person text NOT NULL
);
COMMENT ON TABLE review_claims IS 'cases that somebody looks at now: they are put before nobody else until then';

CREATE TABLE review_skips (
    case_id bigint NOT NULL,
    account bigint NOT NULL,
    until bigint NOT NULL,
    person text NOT NULL,
    PRIMARY KEY (case_id, account, person)
);
COMMENT ON TABLE review_skips IS 'cases that somebody has skipped, for which nobody needs a reason';

CREATE TABLE review_decisions (
    case_id bigint NOT NULL,
    at bigint NOT NULL,
    account bigint NOT NULL,
    round integer NOT NULL,
    person text NOT NULL,
    decision text NOT NULL,
    basis text NOT NULL,
    PRIMARY KEY (case_id, round, account, person)
);
COMMENT ON TABLE review_decisions IS 'what was decided, for sums of the team; what counts is in the case';
CREATE INDEX review_decisions_at ON review_decisions (at);

CREATE TABLE handoffs (
    reference bytea PRIMARY KEY CHECK (length(reference) = 16),
    case_id bigint NOT NULL,
    at bigint NOT NULL,
    round integer NOT NULL,
    sha256 bytea NOT NULL,
    person text NOT NULL
);
COMMENT ON TABLE handoffs IS 'cases that were handed to the assessment tool; reference: by which its answer names them';
CREATE INDEX handoffs_case ON handoffs (case_id);
CREATE INDEX handoffs_at ON handoffs (at);

CREATE TABLE handoff_answers (
    reference bytea NOT NULL,
    at bigint NOT NULL,
    person text NOT NULL,
    PRIMARY KEY (reference, person)
);
COMMENT ON TABLE handoff_answers IS 'answers of the tool that have counted: each person''s once';
CREATE INDEX handoff_answers_at ON handoff_answers (at);

ALTER TABLE matches ADD COLUMN released boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN matches.released IS 'two people let the verdict count: no guard holds it again';
CREATE INDEX matches_held ON matches (sha256, entry_id) WHERE held <> '';

GRANT SELECT, INSERT, UPDATE, DELETE ON review_claims, review_skips, review_decisions, handoffs, handoff_answers TO pisaura_notices;
GRANT UPDATE (released) ON matches TO pisaura_notices;
GRANT INSERT, UPDATE ON opinions TO pisaura_notices;
