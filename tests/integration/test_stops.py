"""hasher.service.stops over a real vault: a title card that many videos show makes no match, whenever it becomes known as one."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from msgspec.structs import replace

from contracts.errors import Unavailable
from contracts.messages import DigestRecord, FrameDigest
from contracts.settings import Matching
from contracts.vault import MatchView
from hasher.service.stops import STOP_FRAME
from tests.postgres import Database
from tests.vaults import Bench, bench, entry, flipped, forms, record

CARD = 900
"""A scene that many videos show."""
SETTINGS = Matching(stop_frames=3)


@pytest.fixture
async def here(vault_database: Database) -> AsyncIterator[Bench]:
    async with bench(vault_database) as made:
        made.hasher = made.another(settings=SETTINGS)
        yield made


def video(number: int, *scenes: int, noise: int = 0, duration: float = 60.0) -> DigestRecord:
    """A sighting of a video with these scenes, each form of them changed in `noise` bits."""
    frames = [
        FrameDigest([flipped(form, noise, seed=number) for form in forms(scene)], 90, float(n))
        for n, scene in enumerate(scenes)
    ]
    seen = record(number, number, frames=frames)
    return replace(seen, media=replace(seen.media, media_type="video/mp4", duration=duration))


def unrelated(count: int) -> list[DigestRecord]:
    """Videos with nothing but the card in common."""
    return [video(100 + n, CARD, *range(1000 + 10 * n, 1004 + 10 * n), noise=n % 5) for n in range(count)]


LISTED = entry("video", *(("pdq", forms(scene)[0]) for scene in (CARD, 1, 2)))
PICTURE = entry("card", ("pdq", forms(CARD)[0]))


async def views(here: Bench) -> dict[tuple[str, bytes], MatchView]:
    return {(view.entry, view.sha256): view async for view in here.reads.matches()}


# "a frame seen in more than 10 unrelated videos is stop-listed" (3 here); "one frame against an image entry"
async def test_a_card_of_many_videos_is_no_match(here: Bench) -> None:
    await here.add(PICTURE)
    await here.hasher.start()
    await here.hasher.handle(unrelated(3))
    assert len(here.taken()) == 3  # seen in three: near matches of the lowest band
    (more,) = unrelated(4)[3:]
    await here.hasher.handle([more])
    assert here.taken() == []
    still = record(7, frames=[FrameDigest(forms(CARD), 90)])
    await here.hasher.handle([still])
    assert [match.sha256 for match in here.taken()] == [still.sha256]  # a picture of it is one


async def test_what_matched_before_the_card_was_known_counts_no_more(here: Bench) -> None:
    await here.add(LISTED, PICTURE)
    await here.hasher.start()
    leans, stands = video(1, CARD, 1, 2, 3), video(2, CARD, 1, 2, 3, 4, 5)
    listed = entry("long", *(("pdq", forms(scene)[0]) for scene in (CARD, 1, 2, 4, 5)))
    await here.add(listed)
    await here.hasher.load()
    await here.hasher.handle([leans, stands])
    assert {match.sha256 for match in here.taken()} == {leans.sha256, stands.sha256}
    await here.hasher.handle(unrelated(4))
    here.taken()
    await here.hasher.refresh()
    found = await views(here)
    assert {(name, view.why) for (name, sha256), view in found.items() if sha256 == leans.sha256} == {
        ("IWF/video", ""), ("IWF/card", STOP_FRAME), ("IWF/long", STOP_FRAME)
    }  # fmt: skip
    assert found["IWF/long", stands.sha256].counts and found["IWF/video", stands.sha256].counts
    assert {view.why for (name, _), view in found.items() if name == "IWF/card"} == {STOP_FRAME}
    assert await here.vault.newly_stopped() == []


async def test_an_exact_digest_lets_it_count_again(here: Bench) -> None:
    await here.add(PICTURE)
    await here.hasher.start()
    seen = unrelated(4)
    await here.hasher.handle(seen[:3])
    await here.hasher.handle(seen[3:])
    await here.hasher.refresh()
    assert {view.why for view in (await views(here)).values()} == {STOP_FRAME}
    await here.add(entry("card", ("sha1", seen[0].sha1)))
    await here.hasher.refresh()
    counting = [view for view in (await views(here)).values() if view.counts]
    assert [(view.algorithm, view.sha256, view.why) for view in counting] == [("sha1", seen[0].sha256, "")]


async def test_copies_of_one_video_are_one(here: Bench) -> None:
    """Re-encoded and cut, its own SHA-256 each time: ten of the abuse itself stop nothing."""
    await here.add(LISTED)
    await here.hasher.start()
    copies = [video(n, *((CARD, 1, 2, 3, 4) if n % 2 else (CARD, 1, 2, 3)), noise=n % 9) for n in range(1, 11)]
    others = [here.another(settings=SETTINGS) for _ in range(2)]
    for other in others:
        await other.start()
    await asyncio.gather(*(one.handle(copies[n::3]) for n, one in enumerate([here.hasher, *others])))
    await here.hasher.handle(copies)
    assert {match.sha256 for match in here.taken()} == {one.sha256 for one in copies}
    assert all(view.counts and view.frames == 3 for view in (await views(here)).values())


async def test_frames_that_agree_are_kept_and_shown(here: Bench) -> None:
    await here.add(LISTED)
    await here.hasher.start()
    await here.hasher.handle([video(1, 7, CARD, 2, 1, noise=4)])
    (view,) = (await views(here)).values()
    wanted = [(1.0, forms(CARD)[0]), (2.0, forms(2)[0]), (3.0, forms(1)[0])]
    assert [(one.at, one.digest) for one in view.evidence] == wanted
    assert {(one.distance, one.turn, one.quality) for one in view.evidence} == {(4, 0, 90)}


# "MD5/SHA of the whole file always"
@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
async def test_a_video_that_cannot_be_decoded_matches_by_its_file(here: Bench, algorithm: str) -> None:
    broken = record(1, frames=[])
    await here.add(entry("file", (algorithm, getattr(broken, algorithm))))
    await here.hasher.start()
    await here.hasher.handle([broken])
    assert await here.found() == {("IWF/file", algorithm, 0, False)}


async def test_a_review_that_was_cut_off_is_done_again(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await here.add(PICTURE)
    await here.hasher.start()
    seen = unrelated(4)
    await here.hasher.handle(seen[:3])
    await here.hasher.handle(seen[3:])

    async def away(digests: Sequence[bytes]) -> None:
        raise Unavailable("away")

    with monkeypatch.context() as broken:
        broken.setattr(here.vault, "reviewed", away)
        with pytest.raises(Unavailable):
            await here.hasher.refresh()
    assert len(await here.vault.newly_stopped()) == 1
    await here.hasher.refresh()
    assert await here.vault.newly_stopped() == []
    assert {view.why for view in (await views(here)).values()} == {STOP_FRAME}
