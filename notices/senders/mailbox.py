"""A Maildir of answers (notices.mailbox): each file in `new/` is read bounded, kept, and only then moved to `cur/`, as seen.

At least once: one that was kept and not moved is read again, and has the same key. Files may be of any size and hold anything.
"""

import asyncio
import logging
import os
import stat
from collections.abc import Iterator
from heapq import nsmallest
from pathlib import Path
from typing import Final

from msgspec import Struct

from contracts.errors import UsageError
from contracts.notices import Arrived, Replies
from contracts.ports import Clock
from notices.replies.reading import read_message

log = logging.getLogger(__name__)

MOST: Final = 4 << 20
"""Octets of one file that are looked at; the rest is counted as thrown away."""
PIECE: Final = 1 << 16
TOGETHER: Final = 100
"""Files of one pass."""
COMPLAINTS: Final = 10_000
SEEN: Final = ":2,S"


class Pass(Struct, frozen=True):
    """What one pass did: files kept and moved, octets that were thrown away unread, files that could not be read."""

    kept: int = 0
    discarded: int = 0
    unreadable: int = 0


class Mailbox:
    """Reads one Maildir. UsageError if the folder is none."""

    def __init__(self, folder: Path, replies: Replies, clock: Clock) -> None:
        self._new, self._cur = folder / "new", folder / "cur"
        if not (self._new.is_dir() and self._cur.is_dir()):
            raise UsageError(f"notices.mailbox: {folder} is no Maildir; it needs the folders new, cur and tmp")
        self._replies, self._clock = replies, clock
        self._complained: set[str] = set()

    async def read(self) -> Pass:
        """One pass over what is new, at most `TOGETHER` files. Unavailable if they cannot be kept now."""
        kept = discarded = unreadable = 0
        for name in await asyncio.to_thread(self._names):
            arrived = await asyncio.to_thread(self._arrived, name)
            if arrived is None:
                unreadable += 1
                continue
            await self._replies.keep(arrived, self._clock())
            if await asyncio.to_thread(self._move, name):
                kept += 1
                discarded += arrived.reply.discarded
        return Pass(kept, discarded, unreadable)

    def _names(self) -> list[str]:
        """New files, but those that were no use before, the oldest names first."""
        with os.scandir(self._new) as entries:
            names = (one.name for one in entries if not one.name.startswith("."))
            return nsmallest(TOGETHER, (name for name in names if name not in self._complained))

    def _arrived(self, name: str) -> Arrived | None:
        try:
            descriptor = os.open(self._new / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                facts = os.fstat(descriptor)
                if not stat.S_ISREG(facts.st_mode):
                    raise OSError("it is no file")
                at = min(facts.st_mtime, self._clock())
                return read_message(_pieces(descriptor), at, max(0, facts.st_size - MOST))
            finally:
                os.close(descriptor)
        except FileNotFoundError:  # somebody else moved it
            return None
        except OSError as error:
            self._complain(name, "cannot be read and is left where it is", error)
            return None

    def _move(self, name: str) -> bool:
        try:
            (self._new / name).rename(self._cur / (name.partition(":2,")[0] + SEEN))
        except FileNotFoundError:
            return False
        except OSError as error:
            self._complain(name, "was read and cannot be moved to cur", error)
            return False
        return True

    def _complain(self, name: str, what: str, error: OSError) -> None:
        """Leave this file alone until we start anew, or there are too many to remember."""
        if len(self._complained) >= COMPLAINTS:
            self._complained.clear()
        self._complained.add(name)
        log.warning("a file in notices.mailbox %s: %s", what, error.strerror or error)


def _pieces(descriptor: int) -> Iterator[bytes]:
    left = MOST
    while left > 0 and (piece := os.read(descriptor, min(PIECE, left))):
        left -= len(piece)
        yield piece
