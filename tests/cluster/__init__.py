"""A whole cluster on this machine, for tests, `make cluster` and benches: real services, real processes, the synthetic web.

`services` (a broker and databases of a cluster's own, killed and restarted at will), `processes` (one process of a role and what
it says of itself), `cluster` (all of it together, and when it has nothing more to do), `chaos` (what befalls it), `work` (who did
how much), `demo` (`make cluster`).
"""
