"""hasher.sources.credentials: read from files of the owner alone, and shown nowhere."""

import base64
import os
from pathlib import Path

import pytest

from contracts.errors import UsageError
from hasher.sources.credentials import BYTES, Credentials, parse, read

SECRET = "s3cret-Value"


def written(folder: Path, data: bytes, mode: int = 0o600) -> str:
    path = folder / "credentials"
    path.write_bytes(data)
    path.chmod(mode)
    return str(path)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (
            f"hotline:{SECRET}:x\n",
            {"Authorization": "Basic " + base64.b64encode(f"hotline:{SECRET}:x".encode()).decode()},
        ),
        (f"token: {SECRET}", {"Authorization": f"Bearer {SECRET}"}),
        (f"\ufeffkey: {SECRET}\r\n", {"x-functions-key": SECRET}),
        (
            f"# StopNCII\nx-functions-key: {SECRET}\nOcp-Apim-Subscription-Key: {SECRET}2\n\n",
            {"x-functions-key": SECRET, "Ocp-Apim-Subscription-Key": f"{SECRET}2"},
        ),
    ],
)
def test_what_a_file_may_hold(tmp_path: Path, text: str, fields: dict[str, str]) -> None:
    login = read(written(tmp_path, text.encode()))
    assert login.fields() == fields
    assert (
        SECRET not in repr(login)
        and SECRET not in str(login)
        and base64.b64encode(SECRET.encode()).decode() not in repr(login)
    )


@pytest.mark.parametrize(
    "data",
    [b"", b"\n# nothing\n", SECRET.encode(), b"key:", b"token: " + SECRET.encode() + b"\x07", b"x: \xff" + SECRET.encode(),
     b"x-functions-key: " + "ключ".encode(), SECRET.encode() * BYTES],
)  # fmt: skip
def test_what_it_may_not_hold_is_not_shown(data: bytes) -> None:
    with pytest.raises(UsageError) as raised:
        parse(data, "credentials")
    assert SECRET not in str(raised.value) and "credentials" in str(raised.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(UsageError, match="chmod 600"):
        read(written(tmp_path, f"token: {SECRET}".encode(), mode))


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "missing"):
        with pytest.raises(UsageError, match=str(path)):
            read(str(path))


def test_no_path_is_no_credentials() -> None:
    assert read("").fields() == Credentials().fields() == {}
