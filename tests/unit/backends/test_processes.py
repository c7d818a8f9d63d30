"""Locks and processes of this machine; the server's own are in tests/integration/test_supervisor.py."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from backends.postgres import processes


def until(condition: Callable[[], bool]) -> None:
    """Poll a condition, for at most 20 s."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"


def test_lock_is_exclusive_or_shared(tmp_path: Path) -> None:
    """flock(2): one file opened twice is two owners, also within a process."""
    first, second = processes.Lock(tmp_path / "lock"), processes.Lock(tmp_path / "lock")
    assert first.take(shared=True)
    assert second.take(shared=True)
    assert not processes.held(tmp_path / "lock")
    assert not first.take()
    second.close()
    assert first.take()
    assert processes.held(tmp_path / "lock")
    first.close()
    first.close()
    assert not processes.held(tmp_path / "lock")


def test_lock_is_not_inherited(tmp_path: Path) -> None:
    lock = processes.Lock(tmp_path / "lock")
    assert lock.take()
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, close_fds=False) as child:
        lock.close()
        assert not processes.held(tmp_path / "lock")
        child.communicate()


def test_a_started_program_shares_the_lock_until_it_ends(tmp_path: Path) -> None:
    lock = processes.Lock(tmp_path / "lock")
    assert lock.take()
    with (tmp_path / "out").open("wb") as output:
        read, write = os.pipe()
        os.set_inheritable(read, True)
        code = f"import sys, os; print(os.getsid(0) == os.getpid(), flush=True); os.read({read}, 1); sys.exit(3)"
        pid = processes.spawn([sys.executable, "-c", code], output.fileno(), lock)
    lock.close()
    os.close(read)
    assert processes.held(tmp_path / "lock")
    assert processes.started(pid) is not None
    os.close(write)
    until(lambda: processes.started(pid) is None)
    assert processes.reap(pid) == 3
    assert processes.reap(pid) == 0
    assert not processes.held(tmp_path / "lock")
    assert (tmp_path / "out").read_text() == "True\n"


def test_a_zombie_does_not_live() -> None:
    child = subprocess.Popen(["true"], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.read()
    child.stdout.close()
    until(lambda: processes.started(child.pid) is None)
    assert child.wait() == 0
    assert processes.started(child.pid) is None


def test_birth_tells_processes_with_one_number_apart() -> None:
    assert processes.started(os.getpid()) == processes.started(os.getpid())
    assert processes.started(2**22 + 1) is None


def test_recorded_process_of_any_file(tmp_path: Path) -> None:
    assert processes.recorded(tmp_path) is None
    for content, pid in ((b"123\n/data\n", 123), (b"", None), (b"\xff\n", None), (b"9" * 5000, int("9" * 64))):
        (tmp_path / "postmaster.pid").write_bytes(content)
        assert processes.recorded(tmp_path) == pid


def test_other_programs_do_not_belong_to_a_folder(tmp_path: Path) -> None:
    """An editor or a shell that names the folder must not be ended with the server."""
    with subprocess.Popen(["cat", "-", str(tmp_path)], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert processes.belonging(tmp_path, "pisaura-0-0", os.geteuid()) == []
        child.communicate()


def test_programs_of_the_server_belong_to_their_folder(tmp_path: Path) -> None:
    program = tmp_path / "postgres"
    program.symlink_to("/bin/sh")
    command = [str(program), "-c", "read line", "sh", "-D", str(tmp_path / "data")]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as child:
        until(lambda: processes.belonging(tmp_path, "pisaura-0-0", os.geteuid()) == [child.pid])
        assert processes.belonging(tmp_path / "dat", "pisaura-0-0", os.geteuid()) == []
        assert processes.belonging(tmp_path, "pisaura-0-0", os.geteuid() + 1) == []
        child.communicate()


def test_signal_to_nobody() -> None:
    assert not processes.send(2**22 + 1, signal.SIGTERM)
