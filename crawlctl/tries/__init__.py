"""What `crawlctl try` runs: one module a sub-command, imported only when asked for. No network, and no state but for `match`.

`url`, `links`, `robots`, `policy`, `digest`, `match`, `live` (against the lists of a vault); `files` reads what they are given.
"""
