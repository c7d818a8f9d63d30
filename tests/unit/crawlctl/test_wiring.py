"""crawlctl.wiring: what only shows when the parts are put together; whole crawls are in `tests/integration/test_crawl.py`."""

from pathlib import Path
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

import fetchers.service.items
from contracts.messages import LinkKind, OrderItem
from contracts.seal import new_keys
from contracts.settings import Settings
from crawlctl.wiring import Embedded
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
