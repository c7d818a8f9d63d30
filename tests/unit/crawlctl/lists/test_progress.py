"""Issue: "Progress on long imports (entries/s, bytes, errors, time left)"."""

import io
import sys

import pytest

from crawlctl.lists import progress
from crawlctl.lists.progress import line
from hasher.sources.report import ImportReport


def test_how_far_an_import_is() -> None:
    report = ImportReport(
        "iwf", size=4_000_000, bytes_read=1_000_000, entries=30_000, bad={"bad_digest": 2, "bad_line": 1}
    )
    assert line(report, 10.0) == "iwf:  25.0 %  30000 entries  3000/s  1.0 MB  errors 3  30s left"


def test_a_source_that_does_not_say_how_much_there_is() -> None:
    report = ImportReport("ncmec", size=0, bytes_read=500_000, entries=10)
    assert line(report, 0.0) == "ncmec:  10 entries  10000/s  0.5 MB  errors 0"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("quiet", "stream", "shown"), [(False, Terminal, True), (True, Terminal, False), (False, io.StringIO, True)]
)
def test_where_it_is_shown(
    monkeypatch: pytest.MonkeyPatch, quiet: bool, stream: type[io.StringIO], shown: bool
) -> None:
    said_to = stream()
    monkeypatch.setattr(sys, "stderr", said_to)
    monkeypatch.setattr(progress, "EVERY", 0.0)
    monkeypatch.setattr(progress, "PLAIN_EVERY", 0.0)
    shows = progress.ImportLine(quiet=quiet)
    shows(ImportReport("iwf", 10, 5, 1, 1))
    shows.done()
    said = said_to.getvalue()
    assert ("iwf" in said) == shown
    assert not shown or said.endswith("\r" if stream is Terminal else "left\n")
