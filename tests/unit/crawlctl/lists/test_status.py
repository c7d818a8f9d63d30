"""Issue: "`lists status` shows entries, additions, deletions, last success, lag, quarantined records with reasons"."""

import pytest

from contracts.lists import ListSource, ListView, SourceView
from crawlctl.lists.status import age, cursor_age, status
from hasher.exchange.cursor import VERSION, Cursor, place_of, to_bytes
from hasher.sources.sync import PAGED

NOW = 1_700_000_000.0
URL = "https://hashes.example/v2"


def view(**more: object) -> ListView:
    facts: dict[str, object] = {
        "name": "ncmec", "format": "ncmec", "kind": "csam", "trust": "unverified", "uses": ["match"], "may_notify": False,
        "entries": 10, "imports": 2, "file": "v2", "started_at": NOW - 70, "ended_at": NOW - 60, "error": "", "bytes_read": 5000,
        "lines": 0, "read": 12, "added": 9, "changed": 1, "held": 2, "bad": {"bad_digest": 3}, "location": URL, "deleted": 4,
        "last_success": NOW - 60,
    }  # fmt: skip
    return ListView(**facts | more)  # type: ignore[arg-type]


def test_what_is_shown() -> None:
    row = status(view(), {"many_sites": 1}, 30.0, NOW)
    assert (row["entries"], row["added"], row["deleted"], row["lag"]) == (10, 9, 4, 60.0)
    assert (row["quarantined"], row["held"], row["cursor_age"]) == ({"bad_digest": 3}, {"many_sites": 1}, 30.0)
    assert (row["last_success"], row["running"]) == ("2023-11-14T22:12:20Z", False)


def test_a_list_that_was_never_asked() -> None:
    row = status(view(imports=0, started_at=0.0, ended_at=0.0, last_success=0.0), {}, None, NOW)
    assert (row["lag"], row["last_success"], row["running"]) == (None, None, False)


def test_one_that_is_being_imported() -> None:
    assert status(view(ended_at=0.0), {}, None, NOW)["running"]


@pytest.mark.parametrize(("format_", "location"), [("ncmec", URL), ("csv", URL), ("ncmec", "saved.xml")])
def test_the_age_of_the_cursor_is_that_of_what_is_known(format_: str, location: str) -> None:
    source = ListSource("x", format_, location=location)
    root = PAGED["ncmec"][0].root(URL)
    kept = to_bytes(Cursor(VERSION, place_of(root), since=int(NOW) - 90))
    paged = (format_, location) == ("ncmec", URL)
    assert cursor_age(SourceView(source, kept), NOW) == (90.0 if paged else None)
    assert cursor_age(SourceView(source, b""), NOW) is None
    assert cursor_age(SourceView(source, b"\xc1"), NOW) is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "0s"),
        (119, "119s"),
        (121, "2m"),
        (7100, "118m"),
        (7300, "2h"),
        (100_000, "28h"),
        (200_000, "2d"),
        (1e8, "1157d"),
    ],
)
def test_ages_are_in_the_unit_that_people_would_use(seconds: float, said: str) -> None:
    assert age(seconds) == said
