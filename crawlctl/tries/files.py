"""Files named on the command line, read within bounds."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from contracts.errors import UsageError

STDIN: Final = "-"
CHUNK: Final = 1 << 20


class Unreadable(Exception):
    """A file that cannot be read; the message says why, without its name."""


def read(name: str, most: int) -> bytes:
    """At most so many bytes of a file, of standard input for `-`. Raises UsageError naming the file."""
    try:
        return b"".join(chunks(name, most))
    except Unreadable as error:
        raise UsageError(f"{printable(name)}: {error}") from None


def chunks(name: str, most: int | None = None) -> Iterator[bytes]:
    """A file's bytes, at most `most`, in pieces of a mebibyte; `-` is standard input. Raises Unreadable.

    Ordinary files and pipes only: a device may never end.
    """
    try:
        if name == STDIN:
            descriptor = os.dup(sys.stdin.fileno())
        else:
            descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from None
    except (ValueError, AttributeError) as error:  # NUL in a name; no standard input
        raise Unreadable(f"cannot be read: {error}") from None
    left = most
    try:
        with open(descriptor, "rb", buffering=0) as file:  # noqa: PTH123 - a descriptor has no path
            if stat.S_ISDIR(mode := os.fstat(descriptor).st_mode):
                raise Unreadable("cannot be read: it is a folder")
            if (stat.S_ISCHR(mode) or stat.S_ISBLK(mode)) and name != STDIN and Path(name) != Path(os.devnull):
                raise Unreadable("cannot be read: it is a device")
            while (left is None or left > 0) and (chunk := file.read(CHUNK if left is None else min(CHUNK, left))):
                if left is not None:
                    left -= len(chunk)
                yield chunk
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from None


def printable(name: str) -> str:
    """A file's name for people."""
    return "standard input" if name == STDIN else name
