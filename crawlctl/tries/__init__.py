"""What `crawlctl try` runs: one module a sub-command, imported only when asked for. No network, and no state but for `match`.

`url`, `links`, `robots`, `policy`, `digest`, `match`; `live` and `snapshot` (against the lists of a vault, and by the hashers' index);
`files` reads what they are given.
"""
