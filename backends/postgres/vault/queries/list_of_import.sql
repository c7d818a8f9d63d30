-- list_of_import: the list of an import
SELECT i.list_id, l.kind, l.trust = 'verified' AS trusted, l.says, i.carried, i.deleted, l.name,
    'match' = ANY (l.uses) AND l.kind IN ('csam', 'child-exploitative') AS matches,
    l.kind = 'known-good' OR EXISTS (SELECT FROM list_sources g WHERE g.kind = 'known-good' AND g.entries > 0) AS good
FROM list_imports i JOIN list_sources l USING (list_id) WHERE import_id = $1
