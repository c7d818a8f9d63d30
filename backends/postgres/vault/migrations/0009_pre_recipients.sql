-- recipients: see docs/domain.md.
SELECT;
