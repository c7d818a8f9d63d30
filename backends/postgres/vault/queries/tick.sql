-- tick: say that entries have changed
UPDATE clock SET seq = $1
