"""The filter's program, run here as the kernel runs it (seccomp(2), BPF)."""

from struct import iter_unpack

import pytest

from hasher.seccomp import CALLS, MACHINES, program

ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050001, 0x80000000
PROCESS = 4711


def verdict(machine: str, number: int, arguments: tuple[int, ...] = (), audit: int = 0) -> int:
    """What the kernel would do with a call: the program is interpreted line by line."""
    known = MACHINES[machine]
    data = {0: number, 4: audit or known.audit} | {16 + 8 * place: value for place, value in enumerate(arguments)}
    lines = list(iter_unpack("=HBBI", program(known, PROCESS)))
    at = held = 0
    while True:
        code, yes, no, value = lines[at]
        at += 1
        match code:
            case 0x20:
                held = data.get(value, 0)
            case 0x06:
                return int(value)
            case 0x15:
                at += yes if held == value else no
            case 0x35:
                at += yes if held >= value else no
            case 0x45:
                at += yes if held & value else no
            case _:
                raise AssertionError(code)


@pytest.mark.parametrize("machine", MACHINES)
def test_what_computing_needs_is_free(machine: str) -> None:
    for number in MACHINES[machine].free:
        assert verdict(machine, number) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_all_else_is_refused(machine: str) -> None:
    known = MACHINES[machine]
    allowed = {*known.free, known.mmap, known.mprotect, known.tgkill}
    for number in range(600):
        assert number in allowed or verdict(machine, number) == REFUSE


# x86-64: open, stat, socket, connect, sendto, sendmsg, recvmsg, clone, fork, vfork, execve, kill, ptrace, prctl, openat, io_uring_setup
def test_files_network_and_processes_are_refused() -> None:
    for number in (2, 4, 41, 42, 44, 46, 47, 56, 57, 58, 59, 62, 101, 157, 257, 425, 435, 437):
        assert verdict("x86_64", number) == REFUSE


@pytest.mark.parametrize("machine", MACHINES)
def test_no_memory_becomes_code(machine: str) -> None:
    for number in (MACHINES[machine].mmap, MACHINES[machine].mprotect):
        assert verdict(machine, number, (0, 4096, 3)) == ALLOW
        assert verdict(machine, number, (0, 4096, 4)) == REFUSE
        assert verdict(machine, number, (0, 4096, 7)) == REFUSE


@pytest.mark.parametrize("machine", MACHINES)
def test_only_itself_may_be_signalled(machine: str) -> None:
    assert verdict(machine, MACHINES[machine].tgkill, (PROCESS, PROCESS, 6)) == ALLOW
    assert verdict(machine, MACHINES[machine].tgkill, (1, 1, 9)) == REFUSE


def test_another_abi_is_no_way_round() -> None:
    assert verdict("x86_64", 59, audit=0x40000003) == KILL
    assert verdict("x86_64", 0x40000000 + 1) == REFUSE


def test_numbers_are_distinct() -> None:
    for column in (0, 1, 2):
        assert len({call[column] for call in CALLS}) == len(CALLS)
