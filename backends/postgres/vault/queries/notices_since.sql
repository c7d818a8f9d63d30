-- notices_since: notices made since then, retractions aside
SELECT count(*) FROM notices WHERE made_at >= $1 AND kind <> 'retraction'
