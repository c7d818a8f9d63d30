"""List formats, one module each: bytes in, entries and bad lines out, streaming in bounded memory. Pure.

In reading order: `format` (what a format is), `csv` (the format of `crawlctl run --known` and `crawlctl lists import`), `table`
(all of them by name).
"""
