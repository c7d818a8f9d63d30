"""A piece of memory that the processes of one user share: filled by who comes first, removed by who leaves last.

It is a file of mode 0600 in a folder that lies in memory. Whoever uses it holds a shared lock, whoever fills it an exclusive
one, so a file without a lock is nobody's: who was killed leaves one that is whole, or one that is filled again.
"""

import errno
import fcntl
import mmap
import os
import random
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

PREFIX: Final = "pisaura-"
WHOLE: Final = b"pisaura-whole-1\n"
"""At the beginning of a file, after everything behind it was written."""
HEAD: Final = mmap.PAGESIZE
MODE: Final = 0o600
PAUSE: Final = 0.02
IN_MEMORY: Final = ("tmpfs", "ramfs")
FLAGS: Final = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC

Fill = Callable[[memoryview], None]


class Shared:
    """`view` is the memory, read-only; it stays as long as it is used, also after `close`."""

    def __init__(self, descriptor: int, path: Path, size: int) -> None:
        self._descriptor, self._path = descriptor, path
        self.view = memoryview(mmap.mmap(descriptor, HEAD + size, prot=mmap.PROT_READ))[HEAD:]

    def close(self) -> None:
        """Leave it; the last one removes the file."""
        if self._descriptor < 0:
            return
        with suppress(OSError):
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(self._descriptor, self._path):
                self._path.unlink()
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)  # the mapping may hold a copy of the descriptor
        os.close(self._descriptor)
        self._descriptor = -1


def share(folder: Path, name: str, size: int, fill: Fill) -> Shared:
    """`size` bytes that `fill` has written, by us or by another process before us.

    Raises OSError if there is no such folder, it is not in memory, it has no room, or the file is somebody else's; and
    whatever `fill` raises.
    """
    if not in_memory(folder):
        raise OSError(errno.EINVAL, "is no folder in memory")
    path = folder / f"{PREFIX}{name}"
    sweep(folder, path)
    while True:
        descriptor = os.open(path, FLAGS | os.O_CREAT, MODE)
        try:
            if _entered(descriptor, path, size, fill):
                return Shared(descriptor, path, size)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        time.sleep(PAUSE * random.random())  # two that both want to fill it must not meet for ever


def sweep(folder: Path, but: Path) -> None:
    """Remove what killed processes have left behind."""
    for path in folder.glob(f"{PREFIX}*"):
        if path == but:
            continue
        with suppress(OSError):
            descriptor = os.open(path, FLAGS)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(descriptor).st_uid == os.geteuid() and _is_at(descriptor, path):
                    path.unlink()
            finally:
                os.close(descriptor)


def in_memory(folder: Path) -> bool:
    """Whether the folder lies in memory: what is secret must not be written to a disk."""
    device = folder.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines():
        fields, _, rest = line.partition(" - ")
        if fields.split(" ")[2] == number:
            return rest.split(" ")[0] in IN_MEMORY
    return False


def _entered(descriptor: int, path: Path, size: int, fill: Fill) -> bool:
    """Hold the shared lock of a file that is whole; False if somebody was in the way."""
    status = os.fstat(descriptor)
    if status.st_uid != os.geteuid() or not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077:
        raise OSError(errno.EACCES, "is somebody else's")
    fcntl.flock(descriptor, fcntl.LOCK_SH)  # waits while somebody fills it
    if not _is_at(descriptor, path):
        return False
    if _is_whole(descriptor, size):
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    if not _is_at(descriptor, path):
        return False
    if not _is_whole(descriptor, size):
        try:
            _write(descriptor, size, fill)
        except BaseException:
            path.unlink()
            raise
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return True


def _write(descriptor: int, size: int, fill: Fill) -> None:
    os.ftruncate(descriptor, 0)
    os.posix_fallocate(descriptor, 0, HEAD + size)
    with mmap.mmap(descriptor, HEAD + size) as memory:
        with memoryview(memory) as view, view[HEAD:] as body:
            fill(body)
        memory[: len(WHOLE)] = WHOLE


def _is_whole(descriptor: int, size: int) -> bool:
    return os.fstat(descriptor).st_size == HEAD + size and os.pread(descriptor, len(WHOLE), 0) == WHOLE


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether the path still leads to this file."""
    try:
        there = path.stat(follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(there, os.fstat(descriptor))
