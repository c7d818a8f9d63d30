"""What a cluster costs: `make bench-cluster` prints figures as JSON lines (docs/performance.md says what they mean).

In reading order: what a frontier shard decides over millions of known URLs is `world` (which URLs those are), `fill` (a database of
them), `stub` (a fetcher that fetches nothing), `decisions` (one run, in a process of its own), `known` (the server and its databases)
and `verbs` (how long operators wait); what real processes cost is `crawl` (one crawl that is measured), `repeats` (links that never
reach the log) and `takeover` (a shard is killed). `__main__` runs them all.
"""
