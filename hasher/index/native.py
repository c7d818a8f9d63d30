"""The index's inner loops in C (`_native.c`): the same functions as `hasher.index.arrays`, with the same answers.

Importing this raises ImportError where it was not built, or was built from another version.
"""

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from hasher.index import _native
from hasher.index.layout import Layout, masks
from hasher.index.words import Bytes, Found, Places, Words

NAME: Final = "native"
VERSION: Final = 2

if _native.VERSION != VERSION:
    raise ImportError(f"hasher/index/_native is version {_native.VERSION}, not {VERSION}: install the package anew")


def sort(keys: Places, bits: int) -> tuple[Places, Places]:
    """Places by value."""
    starts, order = np.empty((1 << bits) + 1, np.uint32), np.empty(len(keys), np.uint32)
    _native.sort(np.ascontiguousarray(keys), bits, starts, order)
    return starts, order


def brute(rows: Words, queries: Words, radius: int) -> Found:
    """All with all."""
    return _pairs(_native.brute(np.ascontiguousarray(rows), np.ascontiguousarray(queries), radius))


def search(rows: Words, queries: Words, radius: int, layout: Layout, starts: Places, order: Places) -> Found:
    """By chunks."""
    return _pairs(_native.search(rows, np.ascontiguousarray(queries), radius, *_probes(layout), starts, order))


def locate(keys: Words, rest: Bytes, digest: bytes) -> tuple[int, int]:
    """Where a digest lies."""
    return _native.locate(keys, rest, digest)


def reverse(
    stored: Words,
    rows: Words,
    radius: int,
    layout: Layout,
    coarse: int,
    bitmaps: Bytes,
    starts: Places,
    items: Places,
) -> Found:
    """Many stored hashes against few rows."""
    return _pairs(_native.reverse(stored, rows, radius, _probes(layout)[0], coarse, bitmaps, starts, items))


def trim() -> None:
    """Give back to the system what was freed."""
    _native.trim()


@lru_cache(64)
def _probes(layout: Layout) -> tuple[npt.NDArray[np.int32], Places, Places]:
    """(chunks, how many masks each has, the masks) as arrays."""
    flips = [masks(chunk.bits, chunk.flips) for chunk in layout]
    return np.array(layout, np.int32), np.array([len(some) for some in flips], np.uint32), np.concatenate(flips)


def _pairs(found: bytes) -> Found:
    return np.frombuffer(bytearray(found), np.uint32).reshape(-1, 3)
