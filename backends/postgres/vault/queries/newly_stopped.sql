-- newly_stopped: digests that count no more, whose earlier verdicts nobody has looked at
SELECT digest, entries FROM frame_counts WHERE stopped AND NOT reviewed ORDER BY digest LIMIT 100
