"""No process of ours leaves a core dump, neither in a file nor with a program."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROLOGUE = (
    "import os, resource; from backends.cores import no_core_dumps; hard = resource.getrlimit(resource.RLIMIT_CORE)[1];"
    "resource.setrlimit(resource.RLIMIT_CORE, ({soft}, {hard})); no_core_dumps();"
)


def child(soft: str, hard: str, rest: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", PROLOGUE.format(soft=soft, hard=hard) + rest], cwd=folder, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("soft", "hard", "limit"), [("0", "hard", 1), ("hard", "hard", 1), ("0", "0", 0), ("1", "1", 1)]
)
def test_the_limit_is_one_byte_unless_it_was_less_before_us(soft: str, hard: str, limit: int, tmp_path: Path) -> None:
    ended = child(soft, hard, "print(resource.getrlimit(resource.RLIMIT_CORE))", tmp_path)
    assert ended.stdout == f"({limit}, {limit})\n", ended.stderr


def test_who_crashes_leaves_nothing(tmp_path: Path) -> None:
    process = os.posix_spawn(
        sys.executable,
        [
            sys.executable,
            "-c",
            f"import os; os.chdir({str(tmp_path)!r});" + PROLOGUE.format(soft="hard", hard="hard") + "os.abort()",
        ],
        {**os.environ, "PYTHONPATH": str(ROOT)},
    )
    status = os.waitpid(process, 0)[1]
    assert os.WIFSIGNALED(status) and not os.WCOREDUMP(status)
    assert not list(tmp_path.iterdir())
