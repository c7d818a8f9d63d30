-- queue_of: when a URL is due next, and in which lane
SELECT lane, due_at FROM queue WHERE bucket = $1 AND host_id = $2 AND lane BETWEEN 0 AND 4 AND url_id = $3 LIMIT 1
