"""crawlctl.wiring: what only shows when the parts are put together; whole crawls are in `tests/integration/test_crawl.py`."""

from pathlib import Path
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

import fetchers.service.items
from contracts.errors import Unavailable
from contracts.messages import HostMatched, LinkKind, Match, OrderItem
from contracts.seal import Sealer, new_keys
from contracts.settings import Settings
from contracts.topics import URLS
from crawlctl.wiring import Embedded, describe
from fetchers.links import Extraction, extract
from fetchers.response import Response


class Server:
    """Nobody connects."""

    def dsn(self, database: str, role: str) -> str:
        return f"postgresql://{role}@/{database}?host=/nonexistent"


class NoState:
    """A state folder without a server."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.keys, self.server, self.partitions = folder, new_keys(), Server(), 1


def embedded(folder: Path) -> Embedded:
    state: Any = NoState(folder)
    return Embedded(state, Settings())


async def test_while_a_page_is_parsed_its_id_stands_in_the_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Design, section 11: after a kill only the suspect counts as lost. So somebody must have been marked."""
    seen: list[bytes] = []

    def spy(*arguments: Any) -> Extraction:
        seen.append((tmp_path / "suspect").read_bytes())
        return extract(*arguments)

    monkeypatch.setattr(fetchers.service.items, "extract", spy)
    answer = Response(200, CIMultiDictProxy(CIMultiDict()), b"<p>", 3, "", 0.0, 0.0, "127.0.0.1")
    await embedded(tmp_path).fetcher.items._extract(OrderItem("http://h.test/", b"u" * 16, LinkKind.PAGE), answer)
    assert seen == [b"u" * 16]
    assert (tmp_path / "suspect").read_bytes() == bytes(16)


def test_a_loop_that_ended_is_described_without_the_words_of_a_library() -> None:
    """Section 7: no location in errors. Our own errors are worded by us."""
    assert str(describe(Unavailable("Postgres does not answer"))) == "Postgres does not answer"
    assert str(describe(KeyError("secret.test"))) == "a part of the crawler failed: KeyError"


async def test_a_match_that_cannot_be_opened_does_not_end_the_crawl(tmp_path: Path) -> None:
    """The frontier learns the host of a match and no more; of a place that was sealed to other keys not even that."""
    crawl = embedded(tmp_path)
    other, own = new_keys(), crawl._state.keys
    for keys in (other, own):
        sealed = Sealer(keys.public, keys.place_key).seal("http://h.test/i.png")
        crawl._matched(Match(bytes(32), bytes(32), sealed, 1, "md5", 0, 0, False, 0.0))
    (told,) = await crawl.bus.assign({(URLS, 0): 0}).poll(10, 0.0)
    assert isinstance(told.message, HostMatched) and told.message.host == "h.test"
