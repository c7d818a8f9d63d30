"""The record of who saw places and exported lists, and for what: a table of the vault to which lines can only be added, bound
into a chain (`contracts.auditing`). On one machine `audit.log` in the state folder is a copy for people, JSON lines."""

import getpass
import json
import os
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from contracts.auditing import Act
from contracts.errors import UsageError
from contracts.people import Identity

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


Keep = Callable[[Act], Awaitable[object]]
"""Puts an act where it stays. Fails if it cannot, or if so many places may not be shown: then nothing is."""


class Audit:
    """Writes what was shown for one purpose. A line is on the disk before what it tells of is shown."""

    def __init__(
        self, verb: str, purpose: str, keep: Keep, who: Identity | None = None, folder: Path | None = None
    ) -> None:
        """`who` asks; None: the operating system's user. With a folder, its `audit.log` gets a copy of each line."""
        self._verb = verb
        self._purpose = purpose
        self._keep = keep
        self._who = who
        self._folder = folder
        self.lines = 0

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
        await self._keep(act_by(self._who, self._verb, purpose=purpose, places=places))
        if self._folder is not None:
            copy(self._folder, self._line(purpose, places))
        self.lines += 1

    def _line(self, purpose: str, places: int) -> dict[str, Any]:
        line = {
            "user": self._who.name if self._who is not None else user_name(),
            "uid": os.getuid(),
            "machine": socket.gethostname(),
            "verb": self._verb,
            "purpose": purpose,
            "places": places,
        }
        return line if self._who is None else {**line, "account": self._who.account, "role": self._who.role}


def act_by(who: Identity | None, act: str, *, purpose: str = "", places: int = 0, subject: str = "") -> Act:
    """An act of somebody at this machine: of an account, or without one of the operating system's user."""
    name, account, role = (who.name, who.account, who.role) if who is not None else (user_name(), 0, "")
    return Act(name, act, account, role, purpose, places, subject, os.getuid(), socket.gethostname())


def copy(folder: Path, line: dict[str, Any]) -> None:
    """A line at the end of a state's `audit.log`, with the time. UsageError if that is not possible."""
    path = folder / FILE
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
