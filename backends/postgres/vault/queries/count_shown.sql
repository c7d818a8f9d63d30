-- count_shown: at how many of its cases a host shows a medium instead
SELECT count(*) FROM shown_instead WHERE host = $1 AND sha256 = $2
