"""The roles as processes of a cluster, and the loops that they share with the embedded mode, where all are one process.

In reading order: `loops` (tasks and pauses), `taker` (a member of a consumer group), `seeds`, `words` (operators' words, as
fetchers hear them), `hashing`, `feedback`: the shared loops. `needs` (settings and keys of a role), `skew` (when a clock is
good enough), `tally` (who did how much), `clerk` (what one frontier process does for all).
"""
