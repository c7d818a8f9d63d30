"""What `crawlctl try` runs: one module a sub-command, imported only when asked for. No state, no network.

`url`, `links`, `robots`, `policy`, `digest`, `match`; `files` reads what they are given.
"""
