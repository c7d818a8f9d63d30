"""A list that suddenly contains a site's logo, a blank card and an ad banner causes no match that counts, whichever came first: the
list or the pictures; what it had before goes on counting."""

import hashlib
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from backends.postgres.vault_store import PostgresVault, open_pool
from backends.postgres.vault_tallies import VaultTallies
from contracts.lists import ListSource
from contracts.location import located
from contracts.messages import DigestRecord, Match
from contracts.seal import Opener, Sealer, new_keys
from contracts.settings import Lists as Limits
from contracts.settings import Matching
from hasher.digests import media_digests
from hasher.service import HasherService
from hasher.sources.file import import_file
from hasher.sources.report import ImportReport
from hasher.sources.sealing import Sealing
from notices.service.matching import Opened, opened
from notices.service.tallying import Tallying
from tests.pictures import picture
from tests.postgres import Database
from tests.vaults import NOW, Bench, bench

KEYS = new_keys()
SEALER = Sealer(KEYS.public, KEYS.place_key)
DAYS = int(NOW // 86_400)
HEADER = "id,sha256,pdq,category,source"


def jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


GENUINE, LOGO, BANNER = (jpeg(picture(seed, *size)) for seed, size in ((1, (320, 240)), (2, (240, 96)), (3, (728, 90))))
CARD = jpeg(Image.new("RGB", (800, 600), (250, 250, 250)))
POISON = {"logo": LOGO, "card": CARD, "banner": BANNER}


def seen(data: bytes, url: str) -> DigestRecord:
    """A picture as a fetcher reports it."""
    return DigestRecord(
        place=hashlib.sha256(url.encode()).digest(),
        sealed=SEALER.seal(located(url, "192.0.2.7")),
        sha256=hashlib.sha256(data).digest(),
        sha1=hashlib.sha1(data).digest(),
        md5=hashlib.md5(data).digest(),
        size=len(data),
        seen_at=NOW,
        media=media_digests(data),
    )


FIRST = [seen(GENUINE, f"http://old{n}.test/i.jpg") for n in range(2)]
WEB = [
    *(seen(LOGO, f"http://one.test/{n}/logo.jpg") for n in range(60)),
    *(seen(data, f"http://site{n}.test/i.jpg") for n in range(25) for data in (CARD, BANNER)),
]


def rows(name: str, data: bytes) -> list[str]:
    """Two entries: the file as it is, and what it looks like; of a blank card some tools say all zeros."""
    (frame,) = media_digests(data).frames
    pdq = frame.forms[0].hex() if frame.quality else 64 * "0"
    return [f"{name},{hashlib.sha256(data).hexdigest()},,A,IWF", f"{name}-like,,{pdq},A,IWF"]


class Scene:
    """A hasher and a notices role on one vault; `now` is everybody's clock."""

    def __init__(self, here: Bench, vault: PostgresVault, tallies: VaultTallies, folder: Path) -> None:
        self.here, self.tallies, self.folder = here, tallies, folder
        self.now = NOW
        self.told: list[Match] = []
        self.hasher = HasherService(vault, Matching(), self._emit, lambda: self.now)
        self.notices = Tallying(tallies, KEYS.place_key, Limits(), lambda: self.now)

    async def _emit(self, matches: list[Match]) -> None:
        self.told += matches
        places = [opened(match, Opener(KEYS.secret)) for match in matches]
        await self.notices.handle([one for one in places if isinstance(one, Opened)])

    async def sync(self, *lines: str) -> ImportReport:
        """The list as its source has it now."""
        path = self.folder / "known.csv"
        path.write_text("\n".join([HEADER, *lines]) + "\n")
        sealing = Sealing(SEALER, KEYS.place_key)
        return await import_file(path, ListSource("known"), self.here.lists, sealing, lambda: self.now)

    async def counting(self) -> set[str]:
        """Entries whose matches count, for people and in the figures."""
        found = {entry for entry, *_ in await self.here.found()}
        totals = await self.tallies.totals("all", DAYS, DAYS + 1)
        assert sum(row.media for row in totals) == len(found) // 2
        return found


@pytest.fixture
async def scene(vault_database: Database, tmp_path: Path) -> AsyncIterator[Scene]:
    async with bench(vault_database) as here:
        pool = await open_pool(vault_database.dsn("pisaura_notices"))
        try:
            yield Scene(here, here.vault, VaultTallies(pool), tmp_path)
        finally:
            await pool.close()


# Issue 5: "a list that suddenly contains a site's logo, a blank card and an ad banner causes no match that counts".
@pytest.mark.parametrize("first", ["the list", "the web"])
async def test_a_poisoned_sync_causes_no_match_that_counts(
    scene: Scene, first: str, caplog: pytest.LogCaptureFixture
) -> None:
    poisoned = [line for name, data in POISON.items() for line in rows(name, data)]
    genuine = rows("genuine", GENUINE)
    await scene.hasher.start()
    await scene.sync(*genuine)
    await scene.hasher.refresh()
    await scene.hasher.handle(FIRST)
    scene.now += 86_400 / 2
    if first == "the web":
        await scene.hasher.handle(WEB)
    report = await scene.sync(*genuine, *poisoned)
    assert report.added == 6 and report.held == 1  # the blank card's PDQ
    await scene.hasher.refresh()
    if first == "the list":
        for start in range(0, len(WEB), 10):
            await scene.hasher.handle(WEB[start : start + 10])
        scene.now += 61
        await scene.hasher.refresh()
    assert await scene.counting() == {"IWF/genuine", "IWF/genuine-like"}
    views = [view async for view in scene.here.reads.matches()]
    assert {view.why for view in views if not view.counts} <= {"many_sites", "match_rate", "featureless"}
    assert "with a sync that matches too much: held until two people release them" in caplog.text
    assert scene.hasher.counts["guarded"] == 6  # a sync that is not believed is held whole
    assert scene.notices.held == ({"many_sites": 3} if first == "the list" else {})
    assert not any(word in caplog.text for word in ("logo", ".test", "IWF", hashlib.sha256(LOGO).hexdigest()))
    told = len(scene.told)
    await scene.hasher.load()
    await scene.hasher.handle([seen(data, f"http://late.test/{name}") for name, data in POISON.items()])
    assert len(scene.told) == told
    await scene.hasher.handle([seen(GENUINE, "http://late.test/i.jpg")])
    assert len(scene.told) == told + 2
