"""Issue: "`try match` as before, now also against the live lists": PDQ against everything, block by block."""

import random
from collections.abc import AsyncIterator

import pytest

from backends.postgres.vault_scan import PdqBlock
from contracts.desk import EntryView
from contracts.vault import EntryDigests
from crawlctl.tries.live import Comparing, Indexed, LiveLists, Once, Streamed
from hasher.index import Index
from tests.unit.crawlctl.lists.desks import FakeDesk, view
from tests.vaults import flipped

CHANCE = random.Random(5)
PDQS = [CHANCE.randbytes(32) for _ in range(40)]
MD5 = bytes(range(16))


class Pdqs:
    """Blocks of three."""

    def __init__(self, entries: list[EntryView]) -> None:
        self._rows = [(e.entry_id, digest) for e in entries for algorithm, digest in e.digests if algorithm == "pdq"]

    async def estimate(self) -> int:
        return len(self._rows)

    async def pdqs(self) -> AsyncIterator[PdqBlock]:
        for start in range(0, len(self._rows), 3):
            rows = self._rows[start : start + 3]
            yield PdqBlock(b"".join(n.to_bytes(8) for n, _ in rows), b"".join(digest for _, digest in rows))


@pytest.fixture(params=["streamed", "indexed"])
def lists(request: pytest.FixtureRequest) -> LiveLists:
    entries = [view(n, ("pdq", digest)) for n, digest in enumerate(PDQS, 1)]
    entries += [view(100, ("md5", MD5), ("pdq", flipped(PDQS[0], 4))), view(101, ("md5", MD5), held="many_sites")]
    desk = FakeDesk(*entries)
    if request.param == "streamed":
        return LiveLists(desk, desk, Streamed(Pdqs(entries), 31))
    index = Index(40)
    index.add(EntryDigests(entry.entry_id, tuple(entry.digests)) for entry in entries)
    return LiveLists(desk, desk, Indexed(index, 31))


def quiet(_compared: int) -> None:
    """Nobody looks."""


@pytest.mark.parametrize("distance", [0, 1, 15, 31, 32])
async def test_what_is_within_the_distance(lists: LiveLists, distance: int) -> None:
    asked = flipped(PDQS[7], distance)
    (answer,) = await lists.answers([f"pdq:{asked.hex()}"], quiet)
    found = [(match["number"], match["distance"]) for match in answer["matches"]]
    assert found == ([(8, distance)] if distance <= 31 else [])


async def test_answers_keep_their_order_and_say_what_cannot_be_used(lists: LiveLists) -> None:
    queries = ["", PDQS[0].hex(), "zz", MD5.hex().upper(), PDQS[0].hex()]
    answers = await lists.answers(queries, quiet)
    assert [len(answer["matches"]) for answer in answers] == [0, 2, 0, 1, 2]
    assert ["error" in answer for answer in answers] == [True, False, True, False, False]
    assert [(m["number"], m["distance"]) for m in answers[1]["matches"]] == [(1, 0), (100, 4)]


async def test_all_are_compared_once_however_many_are_asked() -> None:
    entries = [view(n, ("pdq", digest)) for n, digest in enumerate(PDQS, 1)]
    desk, compared = FakeDesk(*entries), list[int]()
    answers = await LiveLists(desk, desk, Streamed(Pdqs(entries), 31)).answers(
        [one.hex() for one in PDQS], compared.append
    )
    assert [[m["number"] for m in answer["matches"]] for answer in answers] == [[n] for n in range(1, 41)]
    assert compared == [*range(3, 40, 3), 40]


async def test_held_entries_match_nothing_and_are_counted(lists: LiveLists) -> None:
    (answer,) = await lists.answers([MD5.hex()], quiet)
    assert answer["left_out"] == 1
    (match,) = answer["matches"]
    assert match == {
        "algorithm": "md5", "digest": MD5.hex(), "distance": 0, "category": "A1", "source": "IWF", "series": "",
        "entry": "IWF/100", "line": 0, "number": 100, "standing": "unverified", "lists": ["iwf"], "kinds": ["csam"],
    }  # fmt: skip


async def test_who_asks_for_no_pdq_waits_for_no_index() -> None:
    desk, made = FakeDesk(view(1, ("md5", MD5), ("pdq", PDQS[0]))), list[int]()

    async def make() -> Streamed:
        made.append(1)
        return Streamed(Pdqs([view(1, ("pdq", PDQS[0]))]), 31)

    lists = LiveLists(desk, desk, Once(make))
    assert len((await lists.answers([MD5.hex()], quiet))[0]["matches"]) == 1 and not made
    for _ in range(2):
        assert len((await lists.answers([PDQS[0].hex()], quiet))[0]["matches"]) == 1
    assert made == [1]


def test_the_line_of_progress_is_for_terminals(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Comparing(10)
    progress(5)
    progress.done()
    assert capsys.readouterr().err == ""
