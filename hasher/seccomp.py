"""The system calls that a digest worker may make once it is locked, as a program for the kernel (seccomp(2), BPF).

An allow-list: memory, time, its own end, and reading and writing what is already open. Nothing opens, connects, starts,
signals or maps code. Anything else fails with EPERM, so that a library that merely asks (for processors, say) goes on.
"""

from struct import pack
from typing import Final, NamedTuple

CALLS: Final = (
    # name, number on x86-64, number in the kernel's generic table
    ("read", 0, 63),
    ("write", 1, 64),
    ("close", 3, 57),
    ("fstat", 5, 80),
    ("lseek", 8, 62),
    ("munmap", 11, 215),
    ("mremap", 25, 216),
    ("brk", 12, 214),
    ("madvise", 28, 233),
    ("futex", 202, 98),
    ("rt_sigaction", 13, 134),
    ("rt_sigprocmask", 14, 135),
    ("rt_sigreturn", 15, 139),
    ("sigaltstack", 131, 132),
    ("clock_gettime", 228, 113),
    ("clock_nanosleep", 230, 115),
    ("nanosleep", 35, 101),
    ("gettimeofday", 96, 169),
    ("getrandom", 318, 278),
    ("getpid", 39, 172),
    ("gettid", 186, 178),
    ("getrusage", 98, 165),
    ("sched_yield", 24, 124),
    ("restart_syscall", 219, 128),
    ("rseq", 334, 293),
    ("membarrier", 324, 283),
    ("set_robust_list", 273, 99),
    ("exit", 60, 93),
    ("exit_group", 231, 94),
)
"""Calls that are free."""


class Machine(NamedTuple):
    """Numbers of one processor architecture: its audit name, calls that are free, and those with a condition."""

    audit: int
    free: list[int]
    mmap: int
    mprotect: int
    tgkill: int
    foreign: int  # call numbers from here on belong to another ABI; 0: there is none


MACHINES: Final = {
    "x86_64": Machine(0xC000003E, [call[1] for call in CALLS], mmap=9, mprotect=10, tgkill=234, foreign=0x40000000),
    "aarch64": Machine(0xC00000B7, [call[2] for call in CALLS], mmap=222, mprotect=226, tgkill=131, foreign=0),
}
"""By `os.uname().machine`."""

_LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_AT_LEAST: Final = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_ANY_BIT: Final = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_RETURN: Final = 0x06  # BPF_RET | BPF_K

_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000
_REFUSE: Final = 0x00050000 | 1  # EPERM

_NUMBER: Final = 0  # offsets in struct seccomp_data, little-endian
_AUDIT: Final = 4
_ARGUMENT: Final = 16
_EXECUTABLE: Final = 4  # PROT_EXEC


def program(machine: Machine, process: int) -> bytes:
    """An array of struct sock_filter for `process` (its id): the only one that it may signal."""
    lines = [
        (_LOAD, 0, 0, _AUDIT),
        (_EQUAL, 1, 0, machine.audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine.foreign:
        lines += [(_AT_LEAST, 0, 1, machine.foreign), (_RETURN, 0, 0, _REFUSE)]
    for number in machine.free:
        lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    for number in (machine.mmap, machine.mprotect):
        lines += [
            (_EQUAL, 0, 4, number),
            (_LOAD, 0, 0, _ARGUMENT + 2 * 8),
            (_ANY_BIT, 0, 1, _EXECUTABLE),
            (_RETURN, 0, 0, _REFUSE),
            (_RETURN, 0, 0, _ALLOW),
        ]
    lines += [
        (_EQUAL, 0, 3, machine.tgkill),
        (_LOAD, 0, 0, _ARGUMENT),
        (_EQUAL, 0, 1, process),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(pack("=HBBI", *line) for line in lines)
