"""Locks and processes: who uses the server, whether it lives, and how its processes are told from others.

A process id alone proves nothing: it may be a zombie or belong to somebody else by now. What proves that a server of
this folder lives is a lock: the postmaster inherits an open file under an exclusive flock(2), and so does every process
that it starts, so the lock is free exactly when all of them are gone, backends that outlive their postmaster included.
"""

import errno
import fcntl
import os
import signal
from pathlib import Path

from backends.postgres.unprivileged import LOCK


class Lock:
    """A file under flock(2), open as long as this object: never inherited unless passed on by name."""

    def __init__(self, path: Path) -> None:
        """Open or create the file, mode 0600. Raises OSError."""
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)

    def take(self, *, shared: bool = False) -> bool:
        """Try to take the lock without waiting, or to turn the one held into the other kind. True if it is held now."""
        try:
            fcntl.flock(self.descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES, errno.EINTR):
                return False
            raise
        return True

    def close(self) -> None:
        """Close our copy of the file; the lock ends with its last copy. May be called twice."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def held(path: Path) -> bool:
    """Whether anybody holds the lock exclusively."""
    lock = Lock(path)
    try:
        return not lock.take(shared=True)
    finally:
        lock.close()


def recorded(data: Path) -> int | None:
    """The process id in postmaster.pid, or None. It is a hint until the lock is seen held."""
    try:
        return int((data / "postmaster.pid").read_bytes()[:64].split(b"\n")[0])
    except (OSError, ValueError):
        return None


def started(pid: int) -> int | None:
    """When a living process was started, in clock ticks since boot (proc(5), stat field 22); 0 where there is no /proc.

    None if it does not live or is a zombie. The pair (pid, started) names a process for good.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        if Path("/proc/self/stat").exists():
            return None
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return None
        except PermissionError:
            pass
        return 0
    return None if fields[0] in ("Z", "X") else int(fields[19])


def belonging(folder: Path, name: str, uid: int) -> list[int]:
    """Living processes of user `uid` that work on `folder` (as their arguments say) or bear the server's `name`.

    Empty where there is no /proc or it hides others' processes.
    """
    marks = (f"{folder}/".encode(), str(folder).encode())
    title = f"postgres: {name}: ".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if entry.stat().st_uid != uid:
                continue
            arguments = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        program, _, rest = arguments.partition(b"\0")
        ours = arguments.startswith(title) or (
            program.rpartition(b"/")[2] in (b"postgres", b"initdb")
            and any(argument == marks[1] or argument.startswith(marks[0]) for argument in rest.split(b"\0"))
        )
        pid = int(entry.name)
        if ours and started(pid) is not None:
            found.append(pid)
    return found


def send(pid: int, number: signal.Signals) -> bool:
    """Send a signal; False if there is no such process (any more) or it is not ours."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def reap(pid: int) -> int | None:
    """Collect a child that ended: its exit code, negative for a signal; None while it runs; 0 if it is not our child."""
    try:
        ended, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return 0
    return os.waitstatus_to_exitcode(status) if ended == pid else None


def spawn(command: list[str], output: int, lock: Lock) -> int:
    """Start a program in a session of its own, its output to descriptor `output`, with a share of `lock`; its id."""
    return os.posix_spawn(
        command[0],
        command,
        {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, output, 1),
            (os.POSIX_SPAWN_DUP2, output, 2),
            (os.POSIX_SPAWN_DUP2, lock.descriptor, LOCK),
        ],
        setsid=True,
    )
