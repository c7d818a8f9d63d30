"""Gives up, for good, all that decoding does not need: files, network, processes, privileges, memory without end.

Called once by a digest worker, after its imports and before the first hostile byte. Limits hold on any kernel: with no
file descriptor left to hand out there is no open and no socket. The seccomp filter comes on top where the kernel grants it.
"""

import ctypes
import os
import resource
import signal
from contextlib import suppress
from pathlib import Path
from typing import Final

from msgspec import Struct

from hasher.seccomp import MACHINES, program

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_FILTER: Final = 2
_NOBODY: Final = 65_534
_NICE: Final = 5


class Lock(Struct, frozen=True, array_like=True):
    """What was achieved: whether the kernel took the filter, and the user id that is left."""

    seccomp: bool
    user: int


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("lines", ctypes.c_void_p)]


def lock(memory: int, keep: int, filtered: bool = True) -> Lock:
    """Lock this process: only descriptor `keep` (and 0..2) stays open, address space may grow by `memory` bytes.

    Raises OSError if a limit cannot be set; `filtered=False` leaves the filter out, as on a kernel that refuses it.
    """
    os.closerange(3, keep)
    os.closerange(keep + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    used = _address_space()
    _drop_root()
    for limit, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_AS, used + memory),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    libc = ctypes.CDLL(None, use_errno=True)
    _control(libc, _PR_SET_PDEATHSIG, signal.SIGKILL)  # after the change of user, which resets it
    _control(libc, _PR_SET_DUMPABLE, 0)
    _control(libc, _PR_SET_NO_NEW_PRIVS, 1)
    return Lock(filtered and _filter(libc), os.getuid())


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_bytes().split()[0]) * resource.getpagesize()


def _drop_root() -> None:
    """Become nobody if we are root; in a container that maps no such user we stay what we are."""
    if os.getuid() == 0:
        with suppress(OSError):
            os.setgroups([])
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)


def _control(libc: ctypes.CDLL, option: int, value: int) -> None:
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option} failed")


def _filter(libc: ctypes.CDLL) -> bool:
    machine = MACHINES.get(os.uname().machine)
    if machine is None:
        return False
    lines = program(machine, os.getpid())
    code = _Program(len(lines) // 8, ctypes.cast(ctypes.c_char_p(lines), ctypes.c_void_p))
    return bool(libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_FILTER), ctypes.byref(code), 0, 0) == 0)
