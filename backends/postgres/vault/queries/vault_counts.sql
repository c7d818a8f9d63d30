-- vault_counts: media, sightings and verdicts in all
SELECT (SELECT count(*) FROM sightings) AS sightings, (SELECT count(*) FROM media) AS media,
    (SELECT count(*) FROM matches WHERE NOT near) AS exact, (SELECT count(*) FROM matches WHERE near) AS near,
    (SELECT coalesce(sum(entries), 0) FROM list_sources)::bigint AS entries
