"""What Postgres wrote before it gave up, as Postgres 18 words it."""

import errno
import os
from pathlib import Path

import pytest

from backends.postgres.complaints import explain, translated
from contracts.errors import PisauraError, Unavailable, UsageError


@pytest.mark.parametrize(
    ("log", "kind", "advice"),
    [
        ('FATAL:  could not write to file "base/4/3602_vm": No space left on device', Unavailable, "disk is full"),
        ("FATAL:  could not map anonymous shared memory: Cannot allocate memory", Unavailable, "memory is short"),
        ('FATAL:  lock file "postmaster.pid" already exists', Unavailable, "still holds the data"),
        ("FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use", Unavailable, "still holds the data"),
        ('LOG:  invalid value for parameter "shared_buffers": "9"', UsageError, "group storage is out of range"),
        ('FATAL:  could not open file "global/pg_control": No such file or directory', UsageError, "looks damaged"),
        ("PANIC:  could not locate a valid checkpoint record at 0/14EB5D8", UsageError, "looks damaged"),
        ("user id 101 cannot reach /x/postgres", UsageError, "ordinary user"),
        ('could not create file "x": Permission denied', UsageError, "permission is missing"),
        ("something never seen", Unavailable, "try again"),
        ("", Unavailable, "nothing was written"),
    ],
)
def test_advice_by_the_words(tmp_path: Path, log: str, kind: type[PisauraError], advice: str) -> None:
    error = explain("it did not start", f"first\n{log}\n" if log else "", tmp_path / "postgres.log")
    assert type(error) is kind
    assert str(error).startswith("it did not start: ")
    assert advice in str(error)
    assert log in str(error)


def test_only_the_end_of_a_long_log_is_quoted(tmp_path: Path) -> None:
    error = explain("x", "".join(f"line {number}\n" for number in range(100)), tmp_path / "postgres.log")
    assert "line 92" in str(error)
    assert "line 91" not in str(error)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, Unavailable),
        (errno.EDQUOT, Unavailable),
        (errno.EROFS, UsageError),
        (errno.EACCES, UsageError),
        (errno.ENOTDIR, UsageError),
        (errno.ENOENT, UsageError),
        (errno.EIO, Unavailable),
    ],
)
def test_errors_of_the_system(number: int, kind: type[PisauraError]) -> None:
    with pytest.raises(kind, match=r"it cannot start: .*/state"), translated("it cannot start"):
        raise OSError(number, os.strerror(number), "/state")
