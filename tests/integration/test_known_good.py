"""A medium that is known to be harmless counts for nothing until people have looked, whatever of it resembles a known entry."""

from collections.abc import AsyncIterator

import pytest

from contracts.lists import KNOWN_GOOD, ListSource
from contracts.vault import StoredMedia
from tests.postgres import Database
from tests.vaults import Bench, bench, entry, forms, record

GOOD = ListSource("museum", kind="known-good", uses=())


@pytest.fixture
async def here(vault_database: Database) -> AsyncIterator[Bench]:
    async with bench(vault_database) as made:
        yield made


# Domain, section 1: "Known-good against known is held, never decided silently."
@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "md5"])
@pytest.mark.parametrize("first", ["listed", "harmless"])
async def test_a_harmless_file_that_resembles_a_known_picture_is_held(here: Bench, algorithm: str, first: str) -> None:
    await here.add(entry("picture", ("pdq", forms(1)[0])), entry("other", ("pdq", forms(2)[0])))
    harmless = entry("relief", (algorithm, getattr(record(1), algorithm)), member="museum")
    if first == "harmless":
        await here.add(harmless, source=GOOD)
    await here.hasher.start()
    await here.hasher.handle([record(1), record(2)])
    if first == "listed":
        assert len(await here.found()) == 2
        await here.hasher.refresh()
        here.taken()
        await here.add(harmless, source=GOOD)
        await here.hasher.refresh()
    assert {name for name, *_ in await here.found()} == {"IWF/other"}
    assert {(view.entry, view.why) async for view in here.reads.matches() if not view.counts} == {
        ("IWF/picture", KNOWN_GOOD)
    }
    assert record(1).sha256 not in {match.sha256 for match in here.taken()}


async def test_which_media_are_known_to_be_good(here: Bench) -> None:
    await here.add(entry("relief", ("sha1", record(1).sha1)), source=GOOD)
    await here.add(entry("picture", ("sha1", record(2).sha1)))
    media: list[StoredMedia] = []
    assert await here.vault.good(media) == set()
    assert await here.vault.good([record(1), record(2), record(3)]) == {record(1).sha256}
