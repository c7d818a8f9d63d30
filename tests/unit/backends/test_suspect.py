"""backends.suspect: which page was being parsed when the process died (design, section 11)."""

import signal
import subprocess
import sys
from pathlib import Path

from backends.suspect import SuspectFile

URL_ID = bytes(range(16))
MARK_AND_DIE = """
import os, signal, sys
from pathlib import Path
from backends.suspect import SuspectFile
suspect = SuspectFile(Path(sys.argv[1]))
suspect.mark(bytes(range(16)))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_survives_kill_9_and_is_told_once(tmp_path: Path) -> None:
    died = subprocess.run([sys.executable, "-c", MARK_AND_DIE, str(tmp_path / "suspect")], timeout=60)
    assert died.returncode == -signal.SIGKILL
    first = SuspectFile(tmp_path / "suspect")
    assert first.left == {URL_ID}
    first.close()
    second = SuspectFile(tmp_path / "suspect")
    assert second.left == frozenset()
    second.close()


def test_nothing_is_suspected_of_an_orderly_end(tmp_path: Path) -> None:
    first = SuspectFile(tmp_path / "suspect")
    assert first.left == frozenset()
    first.mark(URL_ID)
    first.clear()
    first.close()
    second = SuspectFile(tmp_path / "suspect")
    assert second.left == frozenset()
    second.close()


def test_only_the_owner_can_read_it_and_it_stays_small(tmp_path: Path) -> None:
    suspect = SuspectFile(tmp_path / "suspect")
    status = (tmp_path / "suspect").stat()
    suspect.close()
    assert (status.st_mode & 0o777, status.st_size) == (0o600, 16)


def test_a_file_of_another_size_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "suspect").write_bytes(b"x" * 5)
    suspect = SuspectFile(tmp_path / "suspect")
    assert len(suspect.left) == 1
    suspect.close()
