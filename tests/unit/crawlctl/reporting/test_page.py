"""The report as a page."""

import re
from html.parser import HTMLParser

import pytest

from crawlctl.reporting.page import page
from crawlctl.reporting.rows import as_json, written
from notices.figures.definitions import DEFINITIONS
from tests.unit.crawlctl.reporting.made import made

VOID = {"meta"}


class Balanced(HTMLParser):
    """Follows tags; `open` is empty at the end if each was closed in its order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID and not (self.open and self.open[-1] == "svg" and tag in ("line", "rect", "polyline")):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_it_needs_nothing_else_and_runs_nothing() -> None:
    """ "a self-contained HTML page with plots, that reads well on paper; definitions of every figure" """
    text = page(written(made(), for_public=False), "Hotline & Co")
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []
    assert not re.search(r"<script|<link|<img|src=|href=|url\(|@import", text)
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "@media print" in text and text.count("<svg") == 3
    for one in DEFINITIONS:
        assert one.title in text
    assert "Hotline &amp; Co" in text and "Host &amp; Söhne &lt;Ltd&gt;" in text and "<Ltd>" not in text


def test_in_public_it_says_what_is_hidden() -> None:
    text = page(written(made(cases=6), for_public=True), "")
    assert "below 10 are hidden" in text and "Too few cases" in text
    assert "Söhne" not in text


def test_an_empty_period_is_a_page_too() -> None:
    text = page(written(made(cases=0), for_public=False), "")
    assert "Too few cases" in text


@pytest.mark.parametrize(
    ("dry", "public", "said"),
    [(30, False, "All of the notices"), (3, False, "3 of the notices"), (3, True, "Some of the notices")],
)
def test_a_dry_run_is_not_taken_for_notices_that_left(dry: int, public: bool, said: str) -> None:
    assert f"{said} were only written into a folder" in page(written(made(dry=dry), for_public=public), "Hotline")
    assert as_json(written(made(dry=dry), for_public=public))["dry_run"] == (True if public else dry)
    assert "folder" not in page(written(made(), for_public=public), "Hotline")
