"""New URLs on their way into the tables: those that were found together travel as one element of each array.

Most of a new URL's columns are those of the page that it was found on. Sending them once a page, its paths as one text and
its url_ids as one run of bytes costs the driver a fifth of what a value per row and column does.
"""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from contracts.crawl import NewUrl

FOUND_ON: Final = 8
"""Pages that are kept for one URL."""
_SHARED: Final = itemgetter(0, 1, 3, 5, 6, 7, 8, 9)


def packed(rows: Sequence[NewUrl]) -> list[list[Any]]:
    """Arguments of `insert_urls` and `insert_media_urls`: bucket, host_id, https, kind, depth, hops, found_on (references of
    26 bytes, end to end), found_at (milliseconds), url_ids (16 bytes each, end to end), paths (by lines)."""
    groups: list[tuple[Any, ...]] = []
    for (bucket, host_id, https, kind, depth, hops, found_on, found_at), run in groupby(rows, _SHARED):
        together = list(run)
        paths = [row[4] for row in together]
        text = "\n".join(paths)
        if text.count("\n") >= len(paths):  # no URL's path holds one; it must not shift the others
            text = "\n".join([path.replace("\n", "%0A") for path in paths])
        ids = b"".join([row[2] for row in together])
        pages = b"".join(found_on[:FOUND_ON])
        groups.append((bucket, host_id, https, kind, depth, hops, pages, round(found_at * 1000), ids, text))
    return [list(column) for column in zip(*groups, strict=True)]
