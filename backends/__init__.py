"""The only home of drivers: what `contracts.ports`, `contracts.crawl` and `contracts.vault` ask for, made of real things.

Here belong clients of services, processes, clocks and files, and the translation of their errors into `contracts.errors`.
No decision about a URL or a match is taken here.

In reading order: `memory` (the log of one process), `kafka` (the log of many), `postgres` (the two databases, and the server that we bring along),
`backoff` (pauses), `cores` (no core dumps), `workers` (killable processes for hostile input), `keystore` (where keys come from), `suspect` (what was being parsed when we died), `system` (clocks),
`shared_memory`, `snapshots` (what a hasher starts from),
`prometheus` (metrics as text), `http` (metrics and health to whoever asks), `countries` (of addresses),
`registry_http`, `registries` (who is told of a place).
"""
