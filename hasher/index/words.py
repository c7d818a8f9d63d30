"""PDQ hashes as arrays: the shapes that all of this package shares."""

from typing import Final

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
"""Hashes, shape (n, 4)."""
Ids = npt.NDArray[np.int64]
"""Numbers of entries."""
Places = npt.NDArray[np.uint32]
"""Rows of a table, or places in an array of ids."""
Bytes = npt.NDArray[np.uint8]
Found = npt.NDArray[np.uint32]
"""Every pair within the radius once, shape (k, 3): query, row, distance; in no order."""

MAX_RADIUS: Final = 40
HASH_BYTES: Final = 32
HASH_BITS: Final = 256


def to_words(digests: bytes | bytearray | memoryview) -> Words:
    """Hashes laid end to end as an array of shape (n, 4). Bit order does not matter to a distance."""
    return np.frombuffer(digests, dtype=np.uint64).reshape(-1, 4)


def nothing_found() -> Found:
    """No pair."""
    return np.empty((0, 3), np.uint32)
