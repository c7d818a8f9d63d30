-- What reports are drawn from (docs/domain.md, section 5).

CREATE INDEX notices_accepted ON notices (accepted_at) WHERE accepted_at IS NOT NULL;
