-- stops_mark: what changes whenever an authority's word is added or ended
SELECT coalesce(max(stop_id), 0) AS last, count(ended_at) AS ended FROM do_not_notify
