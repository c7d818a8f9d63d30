-- replies: see docs/domain.md.
SELECT;
