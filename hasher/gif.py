"""How many frames a GIF has, told by its blocks alone (GIF89a, sections 15 to 26): no pixel is decoded."""

from typing import Final

_EXTENSION: Final = 0x21
_IMAGE: Final = 0x2C
_TABLE: Final = 0x80


def frame_count(data: bytes | bytearray | memoryview, most: int) -> int:
    """Whole or begun frames, at least 1 and at most `most`; what follows a broken block is not seen."""
    size = len(data)
    if size < 13:
        return 1
    at = 13 + _table(data[10])
    count = 0
    while at + 10 <= size and count < most:
        if data[at] == _EXTENSION:
            at = _past_blocks(data, at + 2)
        elif data[at] == _IMAGE:
            count += 1
            at = _past_blocks(data, at + 11 + _table(data[at + 9]))
        else:
            break
    return max(count, 1)


def _table(packed: int) -> int:
    """Bytes of the colour table that a packed field announces."""
    return 3 << (packed & 7) + 1 if packed & _TABLE else 0


def _past_blocks(data: bytes | bytearray | memoryview, at: int) -> int:
    """Where the data sub-blocks that begin at `at` have ended."""
    size = len(data)
    while at < size and data[at]:
        at += 1 + data[at]
    return at + 1
