-- notices_since: notices made since then, aside from retractions and what never left
SELECT count(*) FROM notices WHERE made_at >= $1 AND kind <> 'retraction' AND state <> 'held'
