"""The record of who saw places and exported lists, and for what: `audit.log` in the state folder, JSON lines that are only ever
added to; in a cluster a table of the vault to which roles can only add."""

import getpass
import json
import os
import socket
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from contracts.errors import UsageError

FILE: Final = "audit.log"
PURPOSE_CHARS: Final = 500


def user_name() -> str:
    """Who runs this, with whoever became root by sudo; a number if the user has no name."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    sudo = os.environ.get("SUDO_USER", "")
    return f"{name} (sudo by {sudo})" if sudo and sudo != name else name


def purpose_of(text: str | None) -> str:
    """A stated purpose, "" if there is none. UsageError if it says nothing or a book."""
    if text is None:
        return ""
    said = " ".join(text.split())
    if not said or len(said) > PURPOSE_CHARS:
        raise UsageError(
            f"--purpose: say in 1 to {PURPOSE_CHARS} characters why places are shown, for example a case number"
        )
    return said


Keep = Callable[[dict[str, Any]], Awaitable[None]]
"""Puts a line where it stays: user, uid, machine, verb, purpose, places. Fails if it cannot."""


class Audit:
    """Writes what was shown for one purpose. A line is on the disk before what it tells of is shown."""

    def __init__(self, verb: str, purpose: str, keep: Keep) -> None:
        self._verb = verb
        self._purpose = purpose
        self._keep = keep
        self.lines = 0

    @classmethod
    def in_folder(cls, folder: Path, verb: str, purpose: str) -> "Audit":
        """The record of a state folder."""
        return cls(verb, purpose, partial(_append, folder / FILE))

    async def revealed(self, places: int) -> None:
        """So many places come next. Fails if that cannot be written down: then nothing may be shown."""
        await self._add(self._purpose, places)

    async def named(self, series: int) -> None:
        """So many names of series come next. Fails as `revealed`."""
        await self._add(f"{series} names of series; {self._purpose}", 0)

    async def exported(self, name: str, entries: int, how: str) -> None:
        """A list with so many entries leaves the vault, or has left it: `how` says which. Fails as `revealed`."""
        said = f"; {self._purpose}" if self._purpose else ""
        await self._add(f"list {name!r}, {entries} entries, {how}{said}", 0)

    async def _add(self, purpose: str, places: int) -> None:
        line = {
            "user": user_name(),
            "uid": os.getuid(),
            "machine": socket.gethostname(),
            "verb": self._verb,
            "purpose": purpose,
            "places": places,
        }
        await self._keep(line)
        self.lines += 1


async def _append(path: Path, line: dict[str, Any]) -> None:
    """A line at the end of a file, with the time. UsageError if that is not possible."""
    whole = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **line}
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            if os.geteuid() == 0:  # the second person on one machine: the folder's owner must be able to go on writing
                owner = path.parent.stat()
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
            os.write(descriptor, json.dumps(whole).encode() + b"\n")  # ASCII and short: one write, one line
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written ({error.strerror}), so no place is shown and nothing leaves"
        ) from error
