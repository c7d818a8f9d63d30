"""Who the server runs as, and the small program that becomes it: an unprivileged account, then exec.

Postgres refuses to run as root, and rightly. `account` chooses whom root drops to. This file is also run as a script
between us and Postgres, because dropping rights between fork and exec of a threaded process is not safe in Python:

    python -I -S unprivileged.py UID GID COUNT PATH... PROGRAM ARGUMENT...      (UID -1: stay who we are)

The unprivileged account must reach the program and the data. Where a folder above them is closed to it (a virtual
environment or a state under /root), the modes of those folders are not ours to change; instead the server keeps one
capability of root, the weakest that does: CAP_DAC_READ_SEARCH, which lets it pass (containers often lack it), or else
CAP_DAC_OVERRIDE. It is an ambient capability (capabilities(7)), so it survives exec and ends with the process.

Only the standard library is used here, and nothing of this project: the script runs with `-I -S`.
"""

import contextlib
import os
import resource
import sys
from dataclasses import dataclass
from pathlib import Path

ACCOUNTS = ("postgres", "nobody")
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
CAP_SETPCAP = 8
PR_SET_KEEPCAPS, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 8, 38, 47, 2
PR_SET_SECUREBITS = 28
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAPABILITY_VERSION_3 = 0x20080522
EX_UNREACHABLE = 77
LOCK = 9
"""The descriptor under which the server's processes hold their lock; the only one they inherit."""


@dataclass(frozen=True)
class Account:
    """A user of the system: `drop` says that we are root and the server becomes this user."""

    name: str
    uid: int
    gid: int
    drop: bool


def account(data: Path) -> Account:
    """Whom the server of `data` runs as: ourselves, or for root the owner of existing data, `postgres`, or `nobody`.

    Raises LookupError if we have no name (Postgres needs one), or root finds nobody to become.
    """
    import pwd

    if os.geteuid() != 0:
        try:
            entry = pwd.getpwuid(os.geteuid())
        except KeyError:
            raise LookupError(f"user id {os.geteuid()} has no name in the system's list of users") from None
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, drop=False)
    try:
        owner = data.stat().st_uid
    except (FileNotFoundError, NotADirectoryError):
        owner = 0
    for wanted in (owner,) if owner else ACCOUNTS:
        try:
            entry = pwd.getpwuid(wanted) if isinstance(wanted, int) else pwd.getpwnam(wanted)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, drop=True)
    raise LookupError(
        f"the owner of {data}, user id {owner}, has no name in the system's list of users"
        if owner
        else "the system has neither a user postgres nor a user nobody that root could run it as"
    )


def launcher(who: Account, reach: list[Path], command: list[str]) -> list[str]:
    """The argument list that runs `command` as `who`, who must be able to read the files and folders of `reach`."""
    uid, gid = (who.uid, who.gid) if who.drop else (-1, -1)
    script = str(Path(__file__).resolve())
    return [sys.executable, "-I", "-S", script, str(uid), str(gid), str(len(reach)), *map(str, reach), *command]


def reaches(paths: list[str]) -> bool:
    """Whether each file can be opened and each folder listed by us, with the capabilities that are in effect."""
    try:
        for path in paths:
            os.close(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
    except PermissionError:
        return False
    return True


def drop(uid: int, gid: int, paths: list[str]) -> bool:
    """Become `uid`, for good, with no capability, or the one needed to reach `paths`. False if they stay unreachable."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)

    def prctl(option: int, first: int = 0, second: int = 0) -> None:
        numbers = [ctypes.c_ulong(number) for number in (first, second, 0, 0)]
        if libc.prctl(ctypes.c_int(option), *numbers):
            raise OSError(ctypes.get_errno(), f"prctl {option}")

    def capset(permitted: int, effective: int) -> None:
        header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
        low = (effective & 0xFFFFFFFF, permitted & 0xFFFFFFFF, effective & 0xFFFFFFFF)  # inheritable = effective
        high = (effective >> 32, permitted >> 32, effective >> 32)
        if libc.capset(header, (ctypes.c_uint32 * 6)(*low, *high)):
            raise OSError(ctypes.get_errno(), "capset")

    prctl(PR_SET_KEEPCAPS, 1)  # setuid clears what is in effect, and leaves us what is permitted
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    if reaches(paths):
        capset(0, 0)
        return True
    status = Path("/proc/self/status").read_text()
    permitted = int(next(line for line in status.splitlines() if line.startswith("CapPrm:")).split()[1], 16)
    for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
        if not permitted >> capability & 1:
            continue
        capset(permitted, 1 << capability)
        if reaches(paths):
            # access(2), by which initdb looks for the other programs, forgets a user's capabilities without this bit.
            if permitted >> CAP_SETPCAP & 1:
                capset(permitted, 1 << capability | 1 << CAP_SETPCAP)
                prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP)
            capset(1 << capability, 1 << capability)
            prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability)
            return True
    return False


def main(arguments: list[str]) -> int:
    """Drop and exec; returns only if that fails, with the exit code."""
    uid, gid, count = (int(number) for number in arguments[:3])
    paths, command = arguments[3 : 3 + count], arguments[3 + count :]
    os.umask(0o077)
    for descriptor in [int(entry.name) for entry in Path("/dev/fd").iterdir()]:
        if descriptor > 2 and descriptor != LOCK:
            with contextlib.suppress(OSError):
                os.close(descriptor)  # whatever our callers left open to their children
    most = 1 if resource.getrlimit(resource.RLIMIT_CORE)[1] else 0
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))  # a dump would hold rows; see backends/cores
    try:
        if uid != -1 and not drop(uid, gid, paths):
            print(f"user id {uid} cannot reach {' or '.join(paths)}", file=sys.stderr)
            return EX_UNREACHABLE
        os.execv(command[0], command)
    except OSError as error:
        print(f"cannot start {command[0]} as user id {uid}: {error}", file=sys.stderr)
    return EX_UNREACHABLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
