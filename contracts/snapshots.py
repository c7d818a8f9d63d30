"""Where the snapshot of a hasher's index lies: what a process starts from, so that it need not read all entries (design, 7)."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy.typing as npt
from msgspec import Struct

Parts = Mapping[str, npt.NDArray[Any]]
"""An index as flat arrays by name (`hasher.index`)."""


class Mark(Struct, frozen=True):
    """Which snapshot this is: a random name of 16 bytes, the change up to which it is complete, and when it was made."""

    content: bytes
    seq: int
    made_at: float


class Snapshots(Protocol):
    """One snapshot, for one radius. All of it blocks. Raises PisauraError, without a secret, if something is wrong."""

    def mark(self) -> Mark | None:
        """Which snapshot is there, if there is one; not to be believed before it is open."""

    def open(self) -> tuple[Mark, Parts]:
        """What is there, read-only."""

    def write(self, mark: Mark, parts: Parts) -> None:
        """Put another one in its place, whole or not at all."""

    def close(self) -> None:
        """Leave what was opened; its arrays stay as long as they are used."""
