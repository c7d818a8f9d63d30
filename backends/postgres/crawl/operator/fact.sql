-- fact: one fact
SELECT value FROM facts WHERE name = $1
