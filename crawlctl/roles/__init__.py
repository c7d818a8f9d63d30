"""The roles as processes of a cluster, and the loops that they share with the embedded mode, where all are one process.

In reading order: the shared loops are `loops` (tasks and pauses), `seeds`, `words` (what operators say), `taker` (a member of a
consumer group), `hashing`, `feedback`, `pages`, `watch` and `drafts` (what the notices role does by the clock), `casework` (that role put together), `saying` (what providers say); `measures` and `workers` are the metrics of each part. What processes have besides: `needs` (settings
and keys of a role), `facts` (how the cluster is divided), `clerk` (what one frontier process does for all), `tally` (who did how
much), `skew` (when a clock is good enough), `pulse` (heartbeats), `watchdog`, `shell` (all that is around a role). The roles are
`frontier`, `fetcher`, `hasher` and `notices`; `shield` with its look-ups (`shielded`) needs no log and stands alone.
"""
