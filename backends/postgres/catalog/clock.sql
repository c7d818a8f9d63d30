-- clock: the server's time, in seconds
SELECT extract(epoch FROM clock_timestamp())::double precision
