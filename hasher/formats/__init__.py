"""List formats: bytes in, entries and bad lines out, streaming in bounded memory; some write as well. Pure.

In reading order: `format` (what a format is); `lines`, `records` (bytes to fields), `mapping` (which column means what),
`formulas`, `rows` (fields to entries), `csv` (the format of `crawlctl run --known` and of lists without a format of their own),
`csvwriter`, `iwf`; `vicsjson`, `vics`, `vicswriter` (Project VIC); `pages` (what formats answered in pages share), `xml`,
`ncmec`, `stopncii`, `indicators`, `threatexchange`; `table` (all of them by name).
"""
