"""hasher.lookup: many media asked together get what each would get alone."""

import random

import numpy as np

from contracts.messages import FrameDigest, MediaDigests
from contracts.settings import Matching
from contracts.vault import EntryDigests, EntryFacts, HashBlock, StoredMedia
from hasher.index import Index, Reverse
from hasher.lookup import evidence, resembling, verdicts

CHANCE = random.Random(3)


def frame(quality: int = 80) -> FrameDigest:
    return FrameDigest([CHANCE.randbytes(32) for _ in range(8)], quality)


def stored(*frames: FrameDigest) -> StoredMedia:
    media = MediaDigests("image/png", 640, 480, list(frames))
    return StoredMedia(1, CHANCE.randbytes(32), CHANCE.randbytes(20), CHANCE.randbytes(16), 5000, media)


ONE, TWO, BLURRED, BARE = stored(frame(), frame()), stored(frame()), stored(frame(49)), stored()
BROKEN = stored(FrameDigest([b"x" * 31] * 8, 90), FrameDigest([b"y" * 32] * 7, 90))
ALL = [BARE, ONE, BROKEN, BLURRED, TWO]


def index() -> Index:
    made = Index(31)
    made.add(
        [
            EntryDigests(1, (("pdq", ONE.media.frames[1].forms[5]),)),
            EntryDigests(2, (("pdq", TWO.media.frames[0].forms[0]), ("md5", TWO.md5))),
            EntryDigests(3, (("pdq", BLURRED.media.frames[0].forms[0]),)),
            EntryDigests(4, (("sha1", BARE.sha1),)),
            EntryDigests(5, (("sha256", BROKEN.sha256),)),
        ]
    )
    return made


def test_each_hit_belongs_to_its_medium_frame_and_turn() -> None:
    def asked(*media: StoredMedia) -> list[list[tuple[int, str, int, int]]]:
        found = evidence(index(), media, 50)
        return [[(hit.hit.entry_id, hit.hit.algorithm, hit.frame, hit.turn) for hit in hits] for hits in found]

    assert asked(*ALL) == [
        [(4, "sha1", 0, 0)],
        [(1, "pdq", 1, 5)],
        [(5, "sha256", 0, 0)],
        [],
        [(2, "md5", 0, 0), (2, "pdq", 0, 0)],
    ]
    assert asked(*ALL) == [asked(one)[0] for one in ALL]
    assert asked() == []


def test_verdicts_over_the_hits() -> None:
    made = index()
    found = evidence(made, ALL, 50)
    rows = verdicts(ALL, found, Matching(), {n: EntryFacts(n) for n in range(1, 6)}, {(BROKEN.sha256, 5)})
    assert [(row.sha256, row.entry_id, row.algorithm, row.near) for row in rows] == [
        (BARE.sha256, 4, "sha1", False), (ONE.sha256, 1, "pdq", True), (TWO.sha256, 2, "md5", False)
    ]  # fmt: skip


# A retro-match asks all stored forms; quality is decided afterwards.
def test_stored_media_that_resemble_an_entry() -> None:
    media = [ONE, TWO, BLURRED]
    owners = [10 + n for n, one in enumerate(media) for _ in one.media.frames]
    hashes = b"".join(form for one in media for shown in one.media.frames for form in shown.forms)
    block = HashBlock(np.array(owners, "<i8").tobytes(), hashes)
    new = [ONE.media.frames[1].forms[5], TWO.media.frames[0].forms[0]]
    assert resembling(Reverse(b"".join(new), [1, 2], 31), block) == {10, 11}
    assert resembling(Reverse(BLURRED.media.frames[0].forms[7], [3], 31), block) == {12}
    assert resembling(Reverse(b"", [], 31), block) == set()
    assert resembling(Reverse(new[0], [1], 31), HashBlock(b"", b"")) == set()
