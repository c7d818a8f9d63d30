-- reviews: see docs/domain.md.
SELECT;
