"""What it costs: `make bench` prints figures as JSON lines (docs/performance.md says what they mean and how they are measured).

In reading order: `sizes` (how much is measured), `cpu` (who used how much), `web` (the pages, in a process of their own),
`client` (bare fetch, fetch and extraction), `parts` (where CPU goes), `system` (the whole crawler), `rows` (bytes per URL), `images` (digests),
`__main__` (all of them, by turns). `client` and `system` are also run alone, in processes of their own.
"""
