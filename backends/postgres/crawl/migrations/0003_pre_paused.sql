-- Who takes a pause back finds the hosts that sleep through it without reading all others. Few hosts are paused at a time, so
-- that keeping the index costs nothing.

CREATE INDEX hosts_paused ON hosts (host) WHERE paused_until > 0;
