-- reports: see docs/domain.md.
SELECT;
