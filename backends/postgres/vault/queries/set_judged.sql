-- set_judged: all entries of a list were judged by its trust and uses
UPDATE list_sources SET judged = true WHERE list_id = $1
