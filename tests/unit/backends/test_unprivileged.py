"""Who the server runs as. What root may keep is proved in tests/integration/test_supervisor.py."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backends.postgres.unprivileged import EX_UNREACHABLE, Account, account, launcher, reaches

SELF = Account("me", os.geteuid(), os.getegid(), drop=False)
REPORT = (
    "import os, resource; os.umask(mask := os.umask(0)); "
    "print(oct(mask), resource.getrlimit(resource.RLIMIT_CORE), sorted(os.listdir('/dev/fd'))[:3])"
)


def test_never_root(tmp_path: Path) -> None:
    who = account(tmp_path / "missing")
    assert who.uid != 0
    assert who.drop is (os.geteuid() == 0)
    assert who.drop or who.uid == os.geteuid()


@pytest.mark.parametrize("place", ["missing", "file/below"])
def test_data_that_cannot_be_yet(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    assert account(tmp_path / place) == account(tmp_path / "missing")


def test_launcher_closes_what_callers_left_open_and_dumps_no_core(tmp_path: Path) -> None:
    with (tmp_path / "open").open("wb") as file:
        os.set_inheritable(file.fileno(), True)
        report = subprocess.run(
            launcher(SELF, [], [sys.executable, "-c", REPORT]), stdout=subprocess.PIPE, close_fds=False, text=True
        )
    assert report.stdout == "0o77 (1, 1) ['0', '1', '2']\n"


def test_launcher_says_what_it_could_not_start(tmp_path: Path) -> None:
    report = subprocess.run(launcher(SELF, [], [str(tmp_path / "none")]), stderr=subprocess.PIPE, text=True)
    assert report.returncode == EX_UNREACHABLE
    assert f"cannot start {tmp_path / 'none'}" in report.stderr


def test_reaches(tmp_path: Path) -> None:
    assert reaches([str(tmp_path), sys.executable])
    with pytest.raises(FileNotFoundError):
        reaches([str(tmp_path / "none")])
