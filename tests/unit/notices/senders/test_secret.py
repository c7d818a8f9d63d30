"""Files with secrets."""

import os
from pathlib import Path

import pytest

from contracts.errors import UsageError
from notices.senders.secret import BYTES, read_secret


def put(path: Path, data: bytes = b"very-secret", mode: int = 0o600) -> Path:
    path.write_bytes(data)
    path.chmod(mode)
    return path


def test_a_secret_is_read(tmp_path: Path) -> None:
    assert read_secret(put(tmp_path / "key"), "notices.dkim_key") == b"very-secret"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_one_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(UsageError, match="chmod 600") as error:
        read_secret(put(tmp_path / "key", mode=mode), "notices.dkim_key")
    assert "very-secret" not in str(error.value)


def test_nor_what_is_no_small_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    put(tmp_path / "large", b"x" * (BYTES + 1))
    for name in ("pipe", "large", "none", "."):
        with pytest.raises(UsageError, match=r"notices\.dkim_key"):
            read_secret(tmp_path / name, "notices.dkim_key")
