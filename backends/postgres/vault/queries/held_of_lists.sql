-- held_of_lists: held entries by list and leading reason
SELECT s.name, e.held AS reason, count(*) AS entries
FROM entries e JOIN list_entries le USING (entry_id) JOIN list_sources s USING (list_id)
WHERE e.held <> '' AND le.state <> 3
GROUP BY s.name, e.held
