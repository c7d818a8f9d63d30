"""Where lists come from, one module each; the only part of `hasher` besides `service` and `sandbox` that does I/O.

In reading order: `report` (what came of an import), `sealing` (series and notes), `file` (a list on this machine),
`credentials` (what opens a source), `client` (requests), `pages` (a source that answers in pages), `download` (a list at a
URL), `sync` (any of them, from its checkpoint on).
"""
