"""What `crawlctl lists` does; its arguments are in `crawlctl.verbs.lists`.

In reading order: `imports` (a file by hand), `progress` (its line), `names`, `checks` (is everything right that was said of a list?),
`people` (who asks, and acts that take two), `desk` (the way to lists and entries), `adding`, `syncing` (from where they come),
`status`, `entries` (shown, judged, held, released, withdrawn), `exporting`, `proposing`.
"""
