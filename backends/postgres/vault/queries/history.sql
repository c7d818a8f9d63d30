-- history: what became of an entry, and who said what, by time; imports that brought it are among it
SELECT at, what, organisation, person, why FROM (
    SELECT event_id, at, what, organisation, person, why FROM entry_events WHERE entry_id = $1
    UNION ALL
    SELECT 0, i.started_at, 'listed', '', '', s.name
    FROM list_entries le JOIN list_imports i USING (import_id) JOIN list_sources s ON s.list_id = le.list_id
    WHERE le.entry_id = $1
) h ORDER BY at, event_id
