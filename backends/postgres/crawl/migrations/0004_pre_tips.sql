-- Public tips: a URL with priority and nothing of who gave it; only how many came from a source on a day, for its quota
-- (docs/domain.md, section 5).

CREATE TABLE tips (
    source text NOT NULL,
    day integer NOT NULL,
    urls integer NOT NULL,
    PRIMARY KEY (source, day)
);
COMMENT ON TABLE tips IS 'tips taken of a source on a day (UTC, days since 1970-01-01); the URLs are seeds like any other';
