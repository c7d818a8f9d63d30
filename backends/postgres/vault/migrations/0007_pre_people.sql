-- people: see docs/domain.md.
SELECT;
