-- entries_of_lists: how many entries all lists carry together
SELECT coalesce(sum(entries), 0) FROM list_sources
