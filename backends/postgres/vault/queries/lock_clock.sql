-- lock_clock: the number of the next change of entries; nobody else changes any until we commit
SELECT seq + 1 FROM clock FOR UPDATE
