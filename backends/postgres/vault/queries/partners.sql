-- partners: hotlines of a country, or of all if $1 is empty, the first added first
SELECT country, name, channel, contact, language, accepts FROM partners WHERE $1 IN ('', country) ORDER BY country, partner_id
