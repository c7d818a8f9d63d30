"""What `crawlctl lists` does; its arguments are in `crawlctl.verbs.lists`.

In reading order: `imports` (a file by hand), `progress` (its line), `adding` (is everything that was said of a list right?),
`syncing` (all lists from where they come from), `status`, `people` (who asks, and acts that take two), `desk` (the way to the
entries), `entries` (shown, judged, held, released, withdrawn), `exporting`, `proposing`.
"""
