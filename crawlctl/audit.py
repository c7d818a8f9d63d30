"""The record of who saw places and for what: `audit.log` in the state folder, JSON lines that are only ever added to."""

import getpass
import json
import os
import time
from pathlib import Path
from typing import Final

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


class Audit:
    """Writes what was shown for one purpose. A line is on the disk before what it tells of is shown."""

    def __init__(self, folder: Path, verb: str, purpose: str) -> None:
        self._path = folder / FILE
        self._verb = verb
        self._purpose = purpose
        self.lines = 0

    def revealed(self, places: int) -> None:
        """So many places come next. UsageError if that cannot be written down: then nothing may be shown."""
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "user": user_name(),
            "uid": os.getuid(),
            "verb": self._verb,
            "purpose": self._purpose,
            "places": places,
        }
        try:
            descriptor = os.open(
                self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
            )
            try:
                os.write(descriptor, json.dumps(line).encode() + b"\n")  # ASCII and short: one write, one line
                os.fsync(descriptor)
                self.lines += 1
            finally:
                os.close(descriptor)
        except OSError as error:
            raise UsageError(f"{self._path}: cannot be written ({error.strerror}), so no place is shown") from error
