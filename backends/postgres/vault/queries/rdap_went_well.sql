-- rdap_went_well: a server answered: the next pause is short again
UPDATE rdap_servers SET failures = 0 WHERE server = $1 AND failures > 0
