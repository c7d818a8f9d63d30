-- seq: the number of the last change of entries
SELECT seq FROM clock
