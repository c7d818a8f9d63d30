"""List formats, one module each: bytes in, batches of entries and bad lines out; pure, streaming, bounded memory.

`csv` is the plain one of `crawlctl run --known` and `lists import`.
"""
