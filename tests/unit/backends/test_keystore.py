"""Where keys come from: a file, the environment, a program that asks a key service; bounded, and nothing of it in a message."""

import base64
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from backends import keystore
from backends.keystore import BYTES, VARIABLE, given, is_file, read, shown
from contracts.errors import PisauraError, Unavailable, UsageError
from contracts.seal import any_keys, new_keys, to_bytes

DATA = to_bytes(new_keys())
Program = Callable[[str], Path]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Writes a program that a shell runs."""

    def make(text: str) -> Path:
        path = tmp_path / "kms"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return make


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(DATA)
    assert read(str(tmp_path / "keys"), {}) == DATA
    with pytest.raises(UsageError, match="cannot be read"):
        read(str(tmp_path / "none"), {})
    (tmp_path / "long").write_bytes(bytes(BYTES + 1))
    with pytest.raises(UsageError, match="more than"):
        read(str(tmp_path / "long"), {})


def test_the_environment_when_no_file_is_named(tmp_path: Path) -> None:
    environ = {VARIABLE: base64.encodebytes(DATA).decode()}
    assert read("", environ) == DATA and given("", environ) == f"${VARIABLE}" and given("", {}) == ""
    (tmp_path / "keys").write_bytes(b"file")
    assert read(str(tmp_path / "keys"), environ) == b"file"
    for wrong in ("no base64!", "ü", "=" * 7):
        with pytest.raises(UsageError, match="is not base64") as caught:
            read("", {VARIABLE: wrong})
        assert wrong not in str(caught.value)


def test_a_program(tmp_path: Path, program: Program) -> None:
    (tmp_path / "data").write_bytes(DATA)
    kms = program(f"cat {tmp_path}/$1")
    source = f"exec:{kms} data"
    assert any_keys(read(source, {})) == any_keys(DATA)
    assert not is_file(source) and is_file("/etc/keys") and not is_file("")
    assert shown(source, {}).endswith("kms"), "its arguments may hold secrets"


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("echo secret; echo secret >&2; exit 3", UsageError, "ended with 3"),
        ("head -c 5000 /dev/zero", UsageError, "more than"),
        ("cat /dev/zero", UsageError, "more than"),
        ("exec >&-; echo secret >&2; while :; do :; done", Unavailable, "did not end"),
        ("echo secret; sleep 1000 & exit 0", Unavailable, "did not end"),
    ],
)
def test_a_program_that_misbehaves(
    program: Program, monkeypatch: pytest.MonkeyPatch, text: str, error: type[PisauraError], message: str
) -> None:
    monkeypatch.setattr(keystore, "SECONDS", 0.5)
    with pytest.raises(error, match=message) as caught:
        read(f"exec:{program(text)} hunter2", {})
    assert "secret" not in str(caught.value) and "hunter2" not in str(caught.value)


@pytest.mark.parametrize("command", ["", "relative/kms", "'", "/no/such/program", "/etc", "/bin/\0sh"])
def test_what_is_no_program(command: str) -> None:
    with pytest.raises(UsageError, match=r"cluster\.keys"):
        read(f"exec:{command}", {})


def test_the_process_environment_is_looked_at_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, base64.b64encode(DATA).decode())
    assert read("") == DATA and VARIABLE in os.environ
