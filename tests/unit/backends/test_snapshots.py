"""backends.snapshots: what was written comes back, or nothing does; on disk it tells nothing; in memory it is shared."""

import logging
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from backends import shared_memory, snapshots
from backends.snapshots import NAME, SnapshotFile
from contracts.errors import Corrupt, Unavailable
from contracts.snapshots import Mark

KEY = b"k" * 32
MARK = Mark(b"m" * 16, 42, 1000.5)
SECRET = b"a digest of a list that nobody may learn"


def arrays(seed: int = 0) -> dict[str, npt.NDArray[Any]]:
    chance = np.random.default_rng(seed)
    return {
        "ids": np.arange(1000, dtype=np.int64) + seed,
        "rows": chance.integers(0, 2**63, (300, 4), np.uint64),
        "none": np.empty((0, 4), np.uint64),
        "secret": np.frombuffer(SECRET * 9, np.uint8).reshape(9, -1),
        "owners": chance.integers(0, 9, 77, np.uint32),
    }


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_memory, "in_memory", lambda _: True)
    monkeypatch.setattr(snapshots, "PIECE", 1000)


def at(tmp_path: Path, key: bytes = KEY, radius: int = 31) -> SnapshotFile:
    memory = tmp_path / "memory"
    memory.mkdir(exist_ok=True)
    return SnapshotFile(tmp_path / "index", key, radius, memory)


def same(left: Any, right: Any) -> bool:
    return left.keys() == right.keys() and all(
        left[name].dtype == right[name].dtype and np.array_equal(left[name], right[name]) for name in left
    )


def test_there_and_back(tmp_path: Path) -> None:
    file = at(tmp_path)
    assert file.mark() is None
    file.write(MARK, arrays())
    assert file.mark() == MARK
    mark, parts = file.open()
    assert mark == MARK and same(parts, arrays())
    assert all(array.flags.c_contiguous and array.flags.aligned for array in parts.values())
    with pytest.raises(ValueError, match="read-only"):
        parts["ids"][0] = 1
    file.write(Mark(b"n" * 16, 43, 1.0), arrays(1))
    assert same(parts, arrays())  # an older one stays as long as it is used
    assert file.mark() == Mark(b"n" * 16, 43, 1.0) and same(file.open()[1], arrays(1))
    file.close()
    assert list((tmp_path / "memory").iterdir()) == []


# Design, section 7: "Lists are sensitive too"; domain, section 4: "Index snapshots are encrypted on disk".
def test_the_file_is_its_owners_and_tells_nothing(tmp_path: Path) -> None:
    at(tmp_path).write(MARK, arrays())
    assert [path.name for path in (tmp_path / "index").iterdir()] == [NAME]
    path = tmp_path / "index" / NAME
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    assert SECRET[:8] not in path.read_bytes() and KEY[:8] not in path.read_bytes()


def opened(tmp_path: Path, data: bytes, **given: Any) -> str:
    """Why these bytes are no snapshot."""
    (tmp_path / "index" / NAME).write_bytes(data)
    with pytest.raises(Corrupt) as error:
        at(tmp_path, **given).open()
    assert list((tmp_path / "memory").iterdir()) == []
    return str(error.value)


# Issue 5: "encrypted and authenticated on disk"; a flipped byte anywhere is detected.
def test_a_flipped_byte_anywhere(tmp_path: Path) -> None:
    at(tmp_path).write(MARK, arrays())
    data = (tmp_path / "index" / NAME).read_bytes()
    places = [*range(400), *range(400, len(data), 97), *range(len(data) - 40, len(data))]
    for place in places:
        opened(tmp_path, data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :])


def test_cut_longer_and_in_another_order(tmp_path: Path) -> None:
    at(tmp_path).write(MARK, arrays())
    data = (tmp_path / "index" / NAME).read_bytes()
    for length in (0, 5, 20, 100, len(data) - 18, len(data) - 17, len(data) - 1):
        opened(tmp_path, data[:length])
    assert opened(tmp_path, data + b"x") == "it is cut, or longer than it says"
    piece = 1017
    sealed = sum(array.nbytes + 17 * -(-array.nbytes // 1000) for array in arrays().values()) + 17
    head, one, two, rest = (
        data[:-sealed],
        data[-sealed : piece - sealed],
        data[piece - sealed : 2 * piece - sealed],
        data[2 * piece - sealed :],
    )
    assert head + one + two + rest == data
    assert "damaged" in opened(tmp_path, head + two + one + rest)


def test_another_key_radius_or_version(tmp_path: Path) -> None:
    at(tmp_path).write(MARK, arrays())
    data = (tmp_path / "index" / NAME).read_bytes()
    assert opened(tmp_path, data, key=b"K" * 32) == "it is damaged, or was written with another key"
    assert opened(tmp_path, data, radius=30) == "it is for a distance of 31 bits, not of 30"
    assert "another version" in opened(tmp_path, data.replace(b"index-1\n", b"index-2\n"))
    (tmp_path / "index" / NAME).write_bytes(data)
    with pytest.raises(Corrupt, match="not of 30"):
        at(tmp_path, radius=30).mark()


WRITER = """
import sys
from pathlib import Path
import numpy as np
from backends import snapshots
from contracts.snapshots import Mark
snapshots.PIECE = 1000
pieces = snapshots._pieces
def told(parts):
    for piece in pieces(parts):
        print("piece", flush=True)
        yield piece
snapshots._pieces = told
file = snapshots.SnapshotFile(Path(sys.argv[1]), b"k" * 32, 31, Path(sys.argv[1]))
while True:
    for number in (1, 2):
        file.write(Mark(bytes([number]) * 16, number, 0.0), {"a": np.full(10_000, number, np.uint8)})
        print("written", flush=True)
"""


# Issue 5: "written atomically": kill -9 at any point leaves the old one or the new one.
@pytest.mark.parametrize("lines", [1, 3, 10, 11, 12, 17, 22, 23, 40])
def test_killed_while_writing(tmp_path: Path, lines: int) -> None:
    file = at(tmp_path)
    file.write(Mark(b"\0" * 16, 0, 0.0), {"a": np.full(10_000, 0, np.uint8)})
    child = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "index")], stdout=subprocess.PIPE)
    assert child.stdout is not None
    for _ in range(lines):
        assert child.stdout.readline()
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    mark, parts = file.open()
    assert mark.content == bytes([mark.seq]) * 16 and (parts["a"] == mark.seq).all() and len(parts["a"]) == 10_000
    file.close()
    file.write(MARK, arrays())
    assert [path.name for path in (tmp_path / "index").iterdir()] == [NAME]  # half a file is not left for ever


READER = """
import sys
from pathlib import Path
from backends import shared_memory, snapshots
shared_memory.in_memory = lambda _: True
snapshots.PIECE = 1000
snapshots.SnapshotFile._decrypt = None  # nobody decrypts what is there already
file = snapshots.SnapshotFile(Path(sys.argv[1]), b"k" * 32, 31, Path(sys.argv[2]))
mark, parts = file.open()
touched = sum(int(array.sum()) for array in parts.values())
print(next(line for line in open("/proc/self/maps") if "pisaura-index" in line).split()[4], touched, flush=True)
sys.stdin.read()
"""


def test_two_processes_share_the_same_memory(tmp_path: Path) -> None:
    file = at(tmp_path)
    big = {"a": np.full(1 << 20, 3, np.uint8)}
    file.write(MARK, big)
    _, parts = file.open()
    assert int(parts["a"].sum()) == 3 << 20
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(tmp_path / "index"), str(tmp_path / "memory")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as child:  # fmt: skip
        assert child.stdout is not None and child.stdin is not None
        inode, touched = map(int, child.stdout.readline().split())
        (path,) = (tmp_path / "memory").iterdir()
        assert inode == path.stat().st_ino and touched == 3 << 20
        own = Path(f"/proc/{child.pid}/smaps").read_text().partition(f"{path}\n")[2].splitlines()
        kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in own[:14] if line.endswith(" kB")}
        # A page that only one of them has touched so far counts as private: a few, never a copy of the whole.
        assert kilobytes["Private_Dirty"] + kilobytes["Private_Clean"] <= 64 and kilobytes["Rss"] >= 1024
        assert kilobytes["Shared_Clean"] + kilobytes["Shared_Dirty"] >= 1024 - 64
        file.close()
        assert path.exists()  # the other one still has it


def test_without_shared_memory_it_is_our_own_and_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = SnapshotFile(tmp_path / "index", KEY, 31, tmp_path / "none")
    file.write(MARK, arrays())
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            _, parts = file.open()
            assert same(parts, arrays())
            with pytest.raises(ValueError, match="read-only"):
                parts["ids"][0] = 1
    assert len(caplog.records) == 1 and "No such file" in caplog.text
    file.close()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "index").write_bytes(b"a file")
    with pytest.raises(Unavailable, match="cannot be written: "):
        at(tmp_path).write(MARK, arrays())


def test_a_header_that_promises_too_much(tmp_path: Path) -> None:
    at(tmp_path).write(MARK, arrays())
    data = (tmp_path / "index" / NAME).read_bytes()
    for length in (0xFFFF_FFFF, 0, 1):
        opened(tmp_path, data[:16] + length.to_bytes(4, "little") + data[20:])
