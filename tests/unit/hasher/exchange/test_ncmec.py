"""hasher.exchange.ncmec: what is asked of NCMEC."""

import time
from collections.abc import Iterator

import pytest

from contracts.errors import Corrupt
from hasher.exchange.ncmec import NCMEC, utc

ROOT = "https://hashsharing.ncmec.example/npo"


@pytest.fixture
def far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine nine hours ahead."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


def test_dates_are_utc_whatever_the_machine_thinks(far_east: None) -> None:
    assert utc(1_700_000_000) == "2023-11-14T22:13:20Z" and utc(0) == "1970-01-01T00:00:00Z"


def test_a_range_is_asked_for_by_its_ends() -> None:
    asked = NCMEC.ask(NCMEC.root(ROOT + "/v2/"), 0, 1_700_000_000, "", 0)
    assert asked == ROOT + "/v2/entries?from=1970-01-01T00:00:00Z&to=2023-11-14T22:13:20Z"


@pytest.mark.parametrize("before", ["", "/npo", ROOT])
def test_next_links_are_relative_to_the_address(before: str) -> None:
    token = NCMEC.token(ROOT, before + "/v2/entries?from=2023-11-14T00%3A00%3A00.000Z&start=1001&size=1000&max=3000")
    asked = NCMEC.ask(ROOT, 0, 0, token, 0)
    assert asked == ROOT + "/v2/entries?from=2023-11-14T00%3A00%3A00.000Z&start=1001&size=1000&max=3000"


def test_other_links_are_refused() -> None:
    for link in ("https://evil.example/npo/v2/entries?start=1", "/v2/members?start=1"):
        with pytest.raises(Corrupt):
            NCMEC.token(ROOT, link)
