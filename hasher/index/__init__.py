"""Is it known? Exact look-up of cryptographic digests, exact search of PDQ within the radius; in memory, at ten million entries.

The entry points are `Index` with its `Hit`, and `Reverse` for matching what is stored with few new entries.

In reading order: `words` (the shapes of hashes), `layout` (how a hash is cut into chunks, and which values to probe),
`arrays` and `native` (the inner loops in numpy and in C, `_native.c`), `kernel` (which of the two), `near` (a table of PDQ),
`exact` (a table of cryptographic digests), `table` (entries with both, immutable), `tail` (entries that came last), `merge`
(many tables to one, beside searches and changes), `parts` (a table as named arrays), `index`, `reverse`.
"""

from hasher.index.index import Hit, Index
from hasher.index.reverse import Reverse

__all__ = ["Hit", "Index", "Reverse"]
