"""Which way up a picture is shown: the EXIF orientation (TIFF 6.0, page 36), 1..8, 1 for anything unusable."""

from typing import Final

_TAG: Final = 0x0112
_SHORT: Final = 3
_EXIF: Final = b"Exif\0\0"
_SEGMENTS: Final = 1000
_ENTRIES: Final = 1000


def of_jpeg(data: bytes | bytearray | memoryview) -> int:
    """From the first Exif segment (APP1) before the first scan; decoders stop looking there too."""
    view = memoryview(data)
    at = 2
    for _ in range(_SEGMENTS):
        if at + 4 > len(view) or view[at] != 0xFF:
            return 1
        marker = view[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker in (0xD9, 0xDA):
            return 1
        size = int.from_bytes(view[at + 2 : at + 4])
        if marker == 0xE1 and bytes(view[at + 4 : at + 10]) == _EXIF:
            return of_exif(bytes(view[at + 10 : at + 2 + size]))
        at += 2 + max(size, 2)
    return 1


def of_exif(block: bytes) -> int:
    """From a TIFF structure, with or without `Exif` before it."""
    block = block.removeprefix(_EXIF)
    order = {b"II": "little", b"MM": "big"}.get(block[:2])
    if order is None:
        return 1
    little = order == "little"

    def number(at: int, size: int) -> int:
        return int.from_bytes(block[at : at + size], "little" if little else "big")

    directory = number(4, 4)
    for entry in range(min(number(directory, 2), _ENTRIES)):
        at = directory + 2 + 12 * entry
        if number(at, 2) == _TAG and at + 12 <= len(block):
            value = number(at + 8, 2 if number(at + 2, 2) == _SHORT else 4)
            return value if 1 <= value <= 8 else 1
    return 1
