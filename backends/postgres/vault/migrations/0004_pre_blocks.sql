-- Hashes of everything seen, packed for matching backwards.
SELECT;
