"""Files by name, within bounds."""

import os
import threading
from pathlib import Path

import pytest

from contracts.errors import UsageError
from crawlctl.tries import files


def test_a_file_is_read_up_to_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * (files.CHUNK + 10))
    assert len(files.read(str(path), 10**9)) == files.CHUNK + 10
    assert len(files.read(str(path), files.CHUNK + 1)) == files.CHUNK + 1
    assert [len(piece) for piece in files.chunks(str(path))] == [files.CHUNK, 10]
    assert files.read("/dev/null", 10) == b""


def test_a_pipe_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"abc",))
    writer.start()
    assert files.read(str(pipe), 10) == b"abc"
    writer.join()


@pytest.mark.parametrize(
    ("name", "why"),
    [("/no/such", "No such file"), ("/", "folder|directory"), ("/dev/zero", "device"), ("a\0b", "null"), ("x" * 5000, "too long")],
)  # fmt: skip
def test_what_cannot_be_read_says_why(name: str, why: str) -> None:
    with pytest.raises(UsageError, match=f"(?s)cannot be read: .*({why})"):
        files.read(name, 10)
    with pytest.raises(files.Unreadable, match=why):
        list(files.chunks(name))
