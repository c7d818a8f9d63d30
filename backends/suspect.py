"""What was being parsed when the process died: one URL id in a file that outlives a killed process.

A page that crashes the parser in our own process takes everything with it. Whoever starts next reads here which one it was, so
that only this URL counts as lost, and not everything that was out when somebody killed us.
"""

import mmap
import os
from pathlib import Path
from typing import Final

SLOT: Final = 16
_NOTHING: Final = bytes(SLOT)


class SuspectFile:
    """A 16-byte slot in shared memory of a file; writing costs a copy, no system call."""

    def __init__(self, path: Path) -> None:
        """Open or make it; what the process before left is in `left`."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(descriptor, SLOT)
            self._map = mmap.mmap(descriptor, SLOT)
        finally:
            os.close(descriptor)
        found = self._map[:]
        self.left = frozenset() if found == _NOTHING else frozenset({found})
        self.clear()

    def mark(self, url_id: bytes) -> None:
        """This one is being parsed now."""
        self._map[:] = url_id

    def clear(self) -> None:
        """It did us no harm."""
        self._map[:] = _NOTHING

    def close(self) -> None:
        """Let go of the file."""
        self._map.close()
