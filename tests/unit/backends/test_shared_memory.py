"""backends.shared_memory: filled once, shared by all, removed by the last; what killed processes leave is no trap."""

import errno
import fcntl
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backends import shared_memory
from backends.shared_memory import HEAD, PREFIX, in_memory, share

SIZE = 3 * HEAD + 5


@pytest.fixture(autouse=True)
def anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_memory, "in_memory", lambda _: True)


class Filler:
    """Counts how often it had to fill."""

    def __init__(self, byte: bytes = b"x") -> None:
        self.byte, self.times = byte, 0

    def __call__(self, into: memoryview) -> None:
        self.times += 1
        into[:] = self.byte * len(into)


def unwanted(_: memoryview) -> None:
    raise AssertionError("was whole already")


def test_filled_once_shared_by_all_and_removed_by_the_last(tmp_path: Path) -> None:
    fill = Filler()
    with ThreadPoolExecutor(8) as pool:
        users = list(pool.map(lambda _: share(tmp_path, "a", SIZE, fill), range(8)))
    assert fill.times == 1 and all(bytes(user.view) == b"x" * SIZE for user in users)
    (path,) = tmp_path.iterdir()
    assert path.name == f"{PREFIX}a" and path.stat().st_mode & 0o777 == 0o600
    for user in users:
        assert path.exists()
        user.close()
        user.close()
    assert not path.exists()
    assert bytes(users[0].view) == b"x" * SIZE  # whoever looks still sees it
    with pytest.raises(TypeError):
        users[0].view[0] = 1


CHILD = """
import os, sys
from pathlib import Path
from backends import shared_memory
shared_memory.in_memory = lambda _: True
def fill(into):
    into[:] = b"x" * len(into)
    if sys.argv[2] == "half":
        os.kill(os.getpid(), 9)
kept = shared_memory.share(Path(sys.argv[1]), "a", int(sys.argv[3]), fill)
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("state", ["half", "whole"])
def test_what_a_killed_process_leaves_is_whole_or_made_anew(tmp_path: Path, state: str) -> None:
    run = subprocess.run([sys.executable, "-c", CHILD, str(tmp_path), state, str(SIZE)], check=False)
    assert run.returncode == -9 and [path.name for path in tmp_path.iterdir()] == [f"{PREFIX}a"]
    fill = Filler()
    user = share(tmp_path, "a", SIZE, fill)
    assert fill.times == (state == "half") and bytes(user.view) == b"x" * SIZE
    user.close()
    assert list(tmp_path.iterdir()) == []


def test_leftovers_of_other_names_are_removed_and_what_is_in_use_stays(tmp_path: Path) -> None:
    used, left = share(tmp_path, "used", SIZE, Filler()), tmp_path / f"{PREFIX}left"
    left.write_bytes(b"of a killed process")
    left.chmod(0o600)
    (tmp_path / "of somebody else").write_bytes(b"")
    share(tmp_path, "a", SIZE, Filler()).close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["of somebody else", f"{PREFIX}used"]
    used.close()


def test_a_file_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    (tmp_path / f"{PREFIX}a").write_bytes(b"")
    (tmp_path / f"{PREFIX}a").chmod(0o644)
    with pytest.raises(OSError, match="somebody else"):
        share(tmp_path, "a", SIZE, unwanted)
    (tmp_path / f"{PREFIX}a").unlink()
    (tmp_path / f"{PREFIX}a").symlink_to(tmp_path / "b")
    with pytest.raises(OSError, match="symbolic link"):
        share(tmp_path, "a", SIZE, unwanted)


@pytest.mark.parametrize("at", ["room", "fill"])
def test_nothing_is_left_of_what_could_not_be_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        if at == "room":
            patched.setattr(os, "posix_fallocate", no_room)
        with pytest.raises(OSError, match="No space"):
            share(tmp_path, "a", SIZE, no_room if at == "fill" else unwanted)
    assert list(tmp_path.iterdir()) == []
    fill = Filler()
    share(tmp_path, "a", SIZE, fill).close()
    assert fill.times == 1


def test_who_holds_a_file_that_was_removed_is_not_joined(tmp_path: Path) -> None:
    first = share(tmp_path, "a", SIZE, Filler(b"1"))
    (tmp_path / f"{PREFIX}a").unlink()
    second = share(tmp_path, "a", SIZE, Filler(b"2"))
    first.close()
    assert bytes(second.view[:1]) == b"2" and len(list(tmp_path.iterdir())) == 1
    second.close()
    assert list(tmp_path.iterdir()) == []


def test_the_lock_goes_with_close_though_the_view_stays(tmp_path: Path) -> None:
    users = [share(tmp_path, "a", SIZE, Filler()) for _ in range(2)]
    users[0].close()
    with (tmp_path / f"{PREFIX}a").open("rb") as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    users[1].close()
    assert list(tmp_path.iterdir()) == []


def test_which_folders_lie_in_memory(tmp_path: Path) -> None:
    for folder in (tmp_path, Path("/dev/shm"), Path("/proc/self")):
        said = subprocess.run(["stat", "-f", "-c", "%T", str(folder)], capture_output=True, text=True, check=False)
        if said.returncode == 0:
            assert in_memory(folder) is (said.stdout.strip() in ("tmpfs", "ramfs"))
