"""How far an import is and what came of it: the same count for who watches it and for the vault."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from contracts.lists import ImportStep, Refused, Stored
from hasher.lists import BadLine, tally

SAMPLES: Final = 1000
"""Bad lines whose numbers are kept; all are counted by reason."""


class ImportReport(Struct):
    """How far an import is, or what came of it. `size` is that of the file, `bad` counts bad lines by reason.

    `checked`: bytes that were read only to see that the file is whole. `resumed`: bytes that an earlier import had stored; lines,
    entries and bad lines among them are counted as well, so that the report is of the whole file.
    """

    list_name: str
    size: int
    bytes_read: int = 0
    lines: int = 0
    entries: int = 0
    added: int = 0
    changed: int = 0
    held: int = 0
    bad: dict[str, int] = {}
    samples: list[BadLine] = []
    deleted: int = 0
    checked: int = 0
    resumed: int = 0

    def step(self, size: int, lines: int, bad: Sequence[BadLine], held: int, cursor: bytes | None) -> ImportStep:
        """What is to be stored with a batch of `size` bytes: its bad lines counted, and kept as long as there is room."""
        kept = bad[: max(0, SAMPLES - len(self.samples))]
        samples = [Refused(one.line, one.column, str(one.refusal.reason), one.refusal.evidence) for one in kept]
        return ImportStep(size, lines, tally(bad), samples, held, cursor)

    def add(self, step: ImportStep, stored: Stored, entries: int, bad: Sequence[BadLine]) -> None:
        """A batch of so many entries was stored with this step."""
        self.bytes_read += step.bytes_read
        self.lines += step.lines
        self.entries += entries
        self.added += stored.added
        self.changed += stored.changed
        self.deleted += stored.deleted
        self.held += step.held
        self.samples += bad[: len(step.samples)]
        for reason, count in step.bad.items():
            self.bad[reason] = self.bad.get(reason, 0) + count
