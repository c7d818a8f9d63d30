"""One command line, run in this process."""

import io
import json
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from crawlctl.cli import main


class Ran(NamedTuple):
    """What a command line came to."""

    code: int
    out: str
    err: str

    @property
    def answers(self) -> list[dict[str, Any]]:
        """Standard output as JSON lines, which must be ASCII."""
        assert self.out.isascii()
        return [json.loads(line) for line in self.out.splitlines()]


Crawlctl = Callable[..., Ran]


@pytest.fixture
def crawlctl(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Crawlctl:
    """Runs `crawlctl ARGUMENTS` with bytes as standard input; a complaint must be one line."""

    def run(*arguments: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code = main(arguments)
        out, err = capsys.readouterr()
        if code:
            assert err.startswith("crawlctl: ") or code in (130, 141)
            assert "Traceback" not in err
            assert not err or err.endswith("\n")
        return Ran(code, out, err)

    return run
