"""Durations, sizes and numbers as people write them: `1.5s`, `24h`, `20MiB`."""

import math
import re
from argparse import ArgumentTypeError
from typing import Final

DURATION: Final = "a duration like 250ms, 1.5s, 10m, 24h or 7d; a bare number means seconds"
SIZE: Final = "a size like 100B, 512KiB, 20MiB or 1GB; a bare number means bytes"

_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES: Final = {
    "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40,
}  # fmt: skip
_NUMBER: Final = re.compile(r"\d{1,30}(?:\.\d{1,30})?", re.ASCII)
_PART: Final = re.compile(r"(\d{1,30}(?:\.\d{1,30})?) ?(ms|s|m|h|d) ?", re.ASCII)
_SIZE: Final = re.compile(r"(\d{1,30}(?:\.\d{1,30})?) ?([KMGT]i?B|B)", re.ASCII | re.IGNORECASE)


def seconds(text: str) -> float:
    """Seconds of `1.5s`, `1h30m` or a bare number; ValueError, saying what it may be, for anything else."""
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    total, at = 0.0, 0
    while part := _PART.match(text, at):
        total += float(part[1]) * _SECONDS[part[2]]
        at = part.end()
    if not at or at < len(text):
        raise ValueError(DURATION)
    return round(total, 6)


def size(text: str) -> int:
    """Bytes of `20MiB` (1024-based), `1GB` (1000-based) or a bare number; ValueError, saying what it may be, otherwise."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) <= 30:
        return int(text)
    if found := _SIZE.fullmatch(text):
        return round(float(found[1]) * _BYTES[found[2].upper()])
    raise ValueError(SIZE)


def write_seconds(value: float) -> str:
    """The shortest way to write a duration that `seconds` reads back."""
    if value == 0:
        return "0s"
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if value % length == 0:
            return f"{value / length:.0f}{unit}"
    if value < 1 and math.isclose(value * 1000, round(value * 1000)):
        return f"{round(value * 1000)}ms"
    return f"{round(value, 6):.12g}s"


def write_size(value: int) -> str:
    """The shortest way to write a size that `size` reads back."""
    for unit in ("GiB", "MiB", "KiB"):
        if value and value % _BYTES[unit.upper()] == 0:
            return f"{value // _BYTES[unit.upper()]}{unit}"
    return f"{value}B" if value else "0"


def duration(text: str) -> float:
    """`seconds` as the type of a command line argument."""
    try:
        return seconds(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} must be {error}") from None


def count(text: str) -> int:
    """A whole number from 1, as the type of a command line argument."""
    if not (text.isascii() and text.isdigit() and len(text) <= 15 and int(text) >= 1):
        raise ArgumentTypeError(f"{text!r} must be a whole number, at least 1")
    return int(text)
