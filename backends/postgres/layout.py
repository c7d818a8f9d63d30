"""The embedded server's folder: `<state>/postgres/{data,configuration,socket,log,lock}`, its owners and its modes.

Nothing above or beside it is touched. For root, the folder stays root's and lets the server's group pass; only `data`
and `socket` belong to the server's user, so that nothing which root writes lies where that user could redirect it.
"""

import os
import re
import shutil
import stat
import tempfile
from pathlib import Path

from backends.postgres import configuration
from backends.postgres.unprivileged import Account
from contracts.errors import UsageError
from contracts.settings import Storage

SOCKET_BYTES = 103
"""Longest path of a socket: 107 bytes on Linux (unix(7)), 103 elsewhere."""
LOG_BYTES = 8 * 1024 * 1024


class Layout:
    """Paths of one state's server."""

    def __init__(self, state: Path) -> None:
        """`state` is made absolute; nothing is created yet."""
        self.state = state.resolve()
        self.root = self.state / "postgres"
        self.data = self.root / "data"
        self.fresh = self.root / "data.new"
        self.configuration = self.root / "configuration"
        self.log = self.root / "log" / "postgres.log"
        self.starting = self.root / "lock" / "start"
        self.users = self.root / "lock" / "users"
        self.server = self.root / "lock" / "server"
        self.pointer = self.root / "socket.path"
        self.socket = self.root / "socket"

    def name(self) -> str:
        """What marks this server's processes in process lists: distinct for each folder while it exists."""
        status = self.root.stat()
        return f"pisaura-{status.st_dev:x}-{status.st_ino:x}"

    def prepare(self, who: Account) -> None:
        """Create what is missing and put owners and modes right. Raises OSError if the folder is not ours to use."""
        if not self.state.exists():
            self.state.mkdir(mode=0o700, parents=True)
        gid = who.gid if who.drop else None
        folder(self.root, 0o710 if who.drop else 0o700, None, gid)
        folder(self.configuration, 0o750 if who.drop else 0o700, None, gid)
        folder(self.log.parent, 0o700)
        folder(self.starting.parent, 0o700)

    def place_socket(self, who: Account) -> None:
        """Choose and create the socket's folder; under the start lock. Raises UsageError if there is no place."""
        owner = (who.uid, who.gid) if who.drop else (None, None)
        self.socket = self._socket(*owner)
        folder(self.socket, 0o700, *owner)

    def _socket(self, uid: int | None, gid: int | None) -> Path:
        """The socket's folder: in the state, or where that path is too long or odd, a private temporary one."""
        inside = self.root / "socket"
        if usable(inside):
            return inside
        try:
            known = Path(self.pointer.read_text())
            status = known.lstat()
            if stat.S_ISDIR(status.st_mode) and status.st_uid == (os.geteuid() if uid is None else uid):
                return known
        except OSError:
            pass
        for parent in (tempfile.gettempdir(), "/tmp"):
            made = Path(tempfile.mkdtemp(prefix="pisaura-", dir=parent))
            if usable(made):
                replace(self.pointer, str(made), 0o644, None)
                return made
            made.rmdir()
        raise UsageError(f"{self.state} is too long a path for a Unix socket, and so is {tempfile.gettempdir()}")

    def configure(self, who: Account, settings: Storage) -> None:
        """Write the server's three configuration files."""
        texts = {
            "postgresql.conf": configuration.server(settings, self.data, self.socket, self.configuration, self.name()),
            "pg_hba.conf": configuration.access(),
            "pg_ident.conf": configuration.owners([who.name, "root"]),
        }
        for name, text in texts.items():
            replace(self.configuration / name, text, 0o640, who.gid if who.drop else None)

    def open_log(self) -> int:
        """A descriptor that appends to the log; a large old log is put aside first."""
        self.trim_log()
        return os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)

    def trim_log(self) -> None:
        """Keep the log below twice LOG_BYTES: a full one is copied aside and emptied (its writers only append)."""
        try:
            if self.log.stat().st_size > LOG_BYTES:
                old = self.log.with_suffix(".log.1")
                old.unlink(missing_ok=True)
                shutil.copyfile(self.log, old)
                os.truncate(self.log, 0)
        except OSError:
            pass

    def log_size(self) -> int:
        """Bytes of the log."""
        try:
            return self.log.stat().st_size
        except OSError:
            return 0

    def log_since(self, before: int) -> str:
        """What was written after the log had `before` bytes, at most the last 16 KiB."""
        try:
            with self.log.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(before if before <= size else 0, size - 16384))
                return file.read().decode(errors="replace")
        except OSError:
            return ""

    def last_words(self) -> str:
        """The last line of the log."""
        return next((line for line in reversed(self.log_since(0).splitlines()) if line.strip()), "it left no word")

    def remove_socket(self) -> None:
        """Delete a temporary socket folder and its pointer; the one inside the state stays."""
        if self.socket != self.root / "socket":
            shutil.rmtree(self.socket, ignore_errors=True)
            self.pointer.unlink(missing_ok=True)


def usable(path: Path) -> bool:
    """Whether `path` can hold a socket and be named in a list of folders and in a DSN."""
    whole = path / f".s.PGSQL.{configuration.PORT}"
    return len(os.fsencode(whole)) <= SOCKET_BYTES and re.fullmatch(r"[\w/.+@=-]+", str(path), re.ASCII) is not None


def folder(path: Path, mode: int, uid: int | None = None, gid: int | None = None) -> None:
    """Make `path` a real folder with this mode and, if given, owner (for root only). Raises OSError."""
    path.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        wanted = (status.st_uid if uid is None else uid, status.st_gid if gid is None else gid)
        if (status.st_uid, status.st_gid) != wanted:
            os.fchown(descriptor, *wanted)
        if stat.S_IMODE(status.st_mode) != mode:
            os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)


def replace(path: Path, text: str, mode: int, gid: int | None) -> None:
    """Write a file whole or not at all. Raises OSError."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        if gid is not None:
            os.fchown(file.fileno(), -1, gid)
        os.fchmod(file.fileno(), mode)
    temporary.replace(path)
