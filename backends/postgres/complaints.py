"""What a server that does not start wrote to its log, turned into a sentence that says what to do."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from contracts.errors import PisauraError, Unavailable, UsageError

FULL: Final = 1024 * 1024
"""A disk with fewer bytes left is full: not even the log can be written."""
LINES: Final = 8
"""Lines of the log quoted."""

KNOWN: Final[list[tuple[str, type[PisauraError], str]]] = [
    (r"No space left on device|could not extend file", Unavailable, "the disk is full; free some space"),
    (r"Disk quota exceeded", Unavailable, "the disk quota is used up; free some space"),
    (r"Read-only file system", UsageError, "the file system is read-only; name another folder"),
    (r"Cannot allocate memory|could not map anonymous shared memory", Unavailable, "memory is short; free some, or lower storage.shared_buffers"),
    (r"could not create shared memory segment|could not create semaphores", Unavailable, "the system's shared memory or semaphores are used up; raise kernel.shmmni or kernel.sem"),
    (r"lock file .* already exists|pre-existing shared memory block", Unavailable, "another server still holds the data; try again"),
    (r"user id \d+ cannot reach", UsageError, "put the folder where that user can pass, or run as an ordinary user"),
    (r"could not look up effective user ID", UsageError, "this user has no name in the system; run as one that has"),
    (r"Not a directory|File exists|Too many levels of symbolic links", UsageError, "something else is in the way; name another folder"),
    (r"invalid value for parameter|outside the valid range|contains errors", UsageError, "a setting of the group storage is out of range; change it"),
    (r"Permission denied|Operation not permitted", UsageError, "permission is missing; run as the folder's owner, or name another folder"),
    (r"could not locate a valid checkpoint record|invalid checkpoint|PANIC|could not open file \"global/|pg_control", UsageError, "the data looks damaged; restore a backup of it, or name another folder"),
    (r"No such file or directory", UsageError, "the folder cannot be made; name another one"),
]  # fmt: skip
"""Pattern in the log, what the caller can do (wait, or change something), and the advice."""


@contextmanager
def translated(what: str) -> Iterator[None]:
    """An OSError inside becomes the error for `what` (a clause), with advice."""
    try:
        yield
    except OSError as error:
        kind, advice = advise(str(error))
        raise kind(f"{what}: {advice} ({error})") from error


def advise(words: str) -> tuple[type[PisauraError], str]:
    """The error class and the advice for what Postgres or the system said."""
    for pattern, kind, advice in KNOWN:
        if re.search(pattern, words):
            return kind, advice
    return Unavailable, "try again"


def explain(what: str, log: str, path: Path) -> PisauraError:
    """The error for `what` (a clause), with advice by the log's words and the log's last lines; the full log at `path`."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    tail = "\n".join(f"  {line}" for line in lines[-LINES:]) or "  (nothing was written)"
    kind, advice = advise(log if lines or shutil.disk_usage(path.parent).free > FULL else "No space left on device")
    return kind(f"{what}: {advice}. Its log ({path}) ends:\n{tail}")
