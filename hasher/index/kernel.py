"""The inner loops that are used: compiled ones where they were built, else those in numpy. Both give the same answers."""

from typing import Final, Protocol

from hasher.index import arrays
from hasher.index.layout import Layout
from hasher.index.words import Bytes, Found, Places, Words

try:
    from hasher.index import native
except ImportError:  # built without a C compiler
    native = None  # type: ignore[assignment]


class Kernel(Protocol):
    """What both have; documented in `hasher.index.arrays`."""

    @property
    def NAME(self) -> str:
        """What it is made with."""

    def sort(self, keys: Places, bits: int) -> tuple[Places, Places]:
        """Places by value."""

    def brute(self, rows: Words, queries: Words, radius: int) -> Found:
        """All with all."""

    def search(self, rows: Words, queries: Words, radius: int, layout: Layout, starts: Places, order: Places) -> Found:
        """By chunks."""

    def locate(self, keys: Words, rest: Bytes, digest: bytes) -> tuple[int, int]:
        """Where a digest lies."""

    def reverse(
        self,
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

    def trim(self) -> None:
        """Give back memory."""


KERNELS: Final[tuple[Kernel, ...]] = (arrays,) if native is None else (native, arrays)
"""Those that there are here, the fastest first."""
KERNEL: Final = KERNELS[0]
