-- held_counts: held entries by their leading reason
SELECT held, count(*) FROM entries WHERE held <> '' GROUP BY held
