"""How long a body may take and how large it may be, while it comes (pure)."""

from typing import Final

from shield.questions import Refused

GRACE: Final = 10.0
"""Seconds within which any body may stand still; then it must come at the least rate."""
JSON_BYTES: Final = 65_536
ITEM_BYTES: Final = 400
"""Bytes of one item of a batch: four digests in hex, their names, and room to breathe."""


class Room:
    """Memory for all bodies of a process, in bytes."""

    def __init__(self, size: int) -> None:
        self.size, self.held = size, 0

    def hold(self, octets: int) -> None:
        """Take some. Refused (503) if there is not so much."""
        if self.held + octets > self.size:
            raise Refused(503, "too many media are being looked at; ask again in a moment", 1.0)
        self.held += octets

    def free(self, octets: int) -> None:
        """Give back."""
        self.held -= octets


class Arriving:
    """One body on its way: its bytes are bounded by `most`, its time by `total` and the least rate (bytes a second)."""

    def __init__(self, announced: int | None, most: int, total: float, rate: int, began: float) -> None:
        """Refused (413) if it says itself that it is too large."""
        self._most, self._until, self._rate, self._began = most, began + total, rate, began
        self.size = 0
        if announced is not None and announced > most:
            raise too_large(most)

    def deadline(self) -> float:
        """By when the next bytes must have come."""
        return min(self._until, self._began + GRACE + (self.size / self._rate if self._rate else self._until))

    def took(self, octets: int) -> None:
        """Count bytes that came. Refused (413) above the bound."""
        self.size += octets
        if self.size > self._most:
            raise too_large(self._most)


def too_large(most: int) -> Refused:
    """What is said of a body above the bound."""
    return Refused(413, f"the body is too large; at most {most} bytes are looked at")


def json_bytes(batch: int) -> int:
    """Most bytes of a question in JSON with so many items."""
    return JSON_BYTES + ITEM_BYTES * batch
