-- count_tips: so many more tips of a source on a day
UPDATE tips SET urls = urls + $3 WHERE source = $1 AND day = $2
