-- Figures of matches, kept as they happen.
SELECT;
