-- unpause: hosts by name or parent domain come due as if nobody had paused them; what operators say now is asked again then
UPDATE hosts SET paused_until = 0
WHERE paused_until > 0
    AND (host = $1 OR regexp_replace(host, ':[0-9]+$', '') = $1
        OR right(regexp_replace(host, ':[0-9]+$', ''), length($1) + 1) = '.' || $1)
