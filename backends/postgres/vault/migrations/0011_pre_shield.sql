-- shield: see docs/domain.md.
SELECT;
