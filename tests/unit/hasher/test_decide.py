"""hasher.decide: the rules of strength, bands, videos and holds (domain, section 1), one by one."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages import FrameDigest
from contracts.vault import Agreement, EntryFacts, MatchRow
from hasher.decide import EVIDENCE, TINY_MEDIA, FrameHit, Medium, band, decide, tiny
from hasher.index import Hit
from tests.vaults import flipped

SHA = b"S" * 32


def frame(seed: int, quality: int = 80, at: float = 0.0) -> FrameDigest:
    chance = random.Random(seed)
    return FrameDigest([chance.randbytes(32) for _ in range(8)], quality, at)


def medium(
    frames: Sequence[FrameDigest] = (), size: int = 50_000, sides: tuple[int, int] = (640, 480), duration: float = 0.0
) -> Medium:
    return Medium(SHA, size, *sides, duration, frames)


STILL = medium([frame(1)])


def facts_of(size: int = 0, pdqs: int = 1, live: bool = True, media: str = "") -> EntryFacts:
    return EntryFacts(0, live, size, PICTURES[:pdqs], media)


PICTURES = [frame(900 + number).forms[0] for number in range(8)]
"""Digests of an entry, all distinct."""
ONE_DIGEST = facts_of()


def exact(algorithm: str, entry: int = 7) -> FrameHit:
    return FrameHit(Hit(0, entry, algorithm, algorithm.encode()))


def near(distance: int, entry: int = 7, frame: int = 0, turn: int = 0, digest: bytes = PICTURES[0]) -> FrameHit:
    return FrameHit(Hit(0, entry, "pdq", digest, distance), frame, turn)


def judge(
    what: Medium,
    *hits: FrameHit,
    facts: EntryFacts = ONE_DIGEST,
    suppressed: Sequence[int] = (),
    stopped: Sequence[bytes] = (),
    radius: int = 31,
) -> list[MatchRow]:
    known = {hit.hit.entry_id: facts for hit in hits}
    return decide(what, hits, known, set(suppressed), set(stopped), radius=radius, quality=50)


# "Exact = SHA-256, SHA-1, or MD5 with a second agreeing fact of the same entry (another digest, PDQ <= 10, size)."
@pytest.mark.parametrize(
    ("hits", "facts", "algorithm", "is_near"),
    [
        ([exact("sha256")], facts_of(), "sha256", False),
        ([exact("sha1")], facts_of(), "sha1", False),
        ([exact("md5")], facts_of(), "md5", True),
        ([exact("md5"), exact("sha1")], facts_of(), "sha1", False),
        ([exact("md5"), exact("sha1"), exact("sha256")], facts_of(), "sha256", False),
        ([exact("md5"), near(10)], facts_of(), "md5", False),
        ([exact("md5"), near(11)], facts_of(), "md5", True),
        ([exact("md5"), near(0, entry=8)], facts_of(), "md5", True),
        ([exact("md5")], facts_of(size=50_000), "md5", False),
        ([exact("md5")], facts_of(size=50_001), "md5", True),
        ([near(0)], facts_of(size=50_000), "pdq", True),
    ],
)
def test_strength(hits: list[FrameHit], facts: EntryFacts, algorithm: str, is_near: bool) -> None:
    row = next(row for row in judge(STILL, *hits, facts=facts) if row.entry_id == 7)
    assert (row.algorithm, row.near, row.held) == (algorithm, is_near, "")


# An entry with a SHA-1 or SHA-256 that the file does not have: the same size agrees with any collision.
def test_a_stronger_digest_that_differs_leaves_an_md5_near() -> None:
    listed = EntryFacts(0, size=50_000, sure=True)
    assert [row.near for row in judge(STILL, exact("md5"), facts=listed)] == [True]
    assert [row.near for row in judge(STILL, exact("md5"), near(10), facts=listed)] == [False]
    assert [row.near for row in judge(STILL, exact("md5"), exact("sha1"), facts=listed)] == [False]


def test_what_the_vault_does_not_know_or_hold_live_explains_nothing() -> None:
    assert judge(STILL, exact("sha256"), facts=facts_of(live=False)) == []
    assert decide(STILL, [exact("sha256")], {}, radius=31, quality=50) == []


# "PDQ within 31 finds; <= 10, <= 20, <= 31 are review bands."
@pytest.mark.parametrize(
    ("distance", "expected"), [(0, 10), (10, 10), (11, 20), (20, 20), (21, 31), (31, 31), (32, 40), (40, 40)]
)
def test_bands(distance: int, expected: int) -> None:
    assert band(distance) == expected
    (row,) = judge(STILL, near(distance), radius=40)
    assert (row.distance, row.band, row.near, row.quality) == (distance, expected, True, 80)


def test_the_radius_and_the_quality_are_settings() -> None:
    assert judge(STILL, near(32)) == [] and judge(STILL, near(11), radius=10) == []
    assert judge(medium([frame(1, quality=49)]), near(0)) == []
    assert len(judge(medium([frame(1, quality=50)]), near(31))) == 1


# "a turned or mirrored match is always near and says its turn."
def test_the_nearest_form_leads_and_says_its_turn() -> None:
    (row,) = judge(STILL, near(12, turn=0), near(4, turn=5), near(4, turn=6))
    assert (row.turn, row.distance, row.near) == (5, 4, True)
    (row,) = judge(STILL, near(4, turn=3), near(4, turn=0))
    assert row.turn == 0


# "One verdict per (media SHA-256, entry)"; all entries within the distance are found.
def test_one_verdict_per_entry_and_all_entries() -> None:
    rows = judge(STILL, near(3, entry=1), near(9, entry=1), near(30, entry=2), exact("sha1", 3), near(2, entry=3))
    assert [(row.sha256, row.entry_id, row.algorithm, row.distance) for row in rows] == [
        (SHA, 1, "pdq", 3), (SHA, 2, "pdq", 30), (SHA, 3, "sha1", 0)
    ]  # fmt: skip


# "a refused one suppresses that pair."
def test_suppressed_entries_match_no_more() -> None:
    assert [row.entry_id for row in judge(STILL, exact("sha256", 1), near(0, entry=2), suppressed=[1])] == [2]


# "Held: ... any media under 1 KiB or 64 px a side."
@pytest.mark.parametrize(
    ("size", "sides", "is_tiny"),
    [
        (1023, (640, 480), True),
        (1024, (640, 480), False),
        (5000, (63, 480), True),
        (5000, (480, 63), True),
        (5000, (64, 64), False),
        (5000, (0, 0), False),
        (0, (0, 0), True),
    ],
)
def test_tiny_media_are_held(size: int, sides: tuple[int, int], is_tiny: bool) -> None:
    small = medium([frame(1)], size, sides)
    assert tiny(small) == is_tiny
    assert [row.held for row in judge(small, exact("sha256"), near(5, entry=8))] == [TINY_MEDIA if is_tiny else ""] * 2


def video(scenes: Sequence[int], duration: float = 60.0, quality: int = 80) -> Medium:
    return medium([frame(seed, quality, float(n)) for n, seed in enumerate(scenes)], duration=duration)


def agreeing(*numbers: int) -> list[FrameHit]:
    return [near(5 + n, frame=n, digest=PICTURES[place]) for place, n in enumerate(numbers)]


# "Video: at least 3 distinct frames of quality >= 50 (2 under 10 s, all where fewer)."
@pytest.mark.parametrize(
    ("what", "frames", "entry_frames", "found"),
    [
        (video([1, 2, 3, 4, 5]), [0, 1, 2], 8, True),
        (video([1, 2, 3, 4, 5]), [1, 4], 8, False),
        (video([1, 2, 3, 4, 5], duration=9.9), [1, 4], 8, True),
        (video([1, 2, 3, 4, 5], duration=9.9), [4], 8, False),
        (video([1, 2, 3, 4, 5], duration=10.0), [1, 4], 8, False),
        (video([1, 2]), [0, 1], 8, True),
        (video([1, 2]), [0], 8, False),
        (video([1, 2, 3, 4]), [2, 3], 2, True),  # the entry has no more than two
        (video([1, 1, 1, 1]), [0, 1, 2], 8, True),  # a standing picture has one distinct frame, and it agrees
        (video([1, 1, 1, 2, 3]), [0, 1, 2], 8, False),  # one distinct frame three times
        (video([1, 2, 3, 4], quality=49), [0, 1, 2], 8, False),
    ],
)
def test_videos_need_distinct_frames(what: Medium, frames: list[int], entry_frames: int, found: bool) -> None:
    rows = judge(what, *agreeing(*frames), facts=facts_of(pdqs=entry_frames))
    assert bool(rows) == found
    if rows:
        assert rows[0].near and rows[0].distance == 5 + frames[0] and rows[0].at == float(frames[0])


def test_one_frame_of_the_entry_explains_one_frame() -> None:
    hits = [near(n, frame=n, digest=PICTURES[3]) for n in range(3)]
    assert judge(video([1, 2, 3, 4]), *hits, facts=facts_of(pdqs=8)) == []


def test_an_entry_that_shows_one_picture_has_one_frame() -> None:
    still = [flipped(PICTURES[0], n) for n in range(4)]
    hits = [near(16, frame=n, digest=digest) for n, digest in enumerate(still[:3])]
    listed = EntryFacts(0, pdqs=[*still, *PICTURES[1:4]])
    assert judge(video([1, 2, 3, 4]), *hits, facts=listed) == []
    (row,) = judge(video([1, 2, 3, 4]), *hits, facts=EntryFacts(0, pdqs=still, media="video"))
    assert (row.frames, row.band) == (1, 31)


def test_frames_and_pictures_agree_one_with_one() -> None:
    """Three frames and three pictures, but two of the frames resemble the same single one."""
    hits = [near(9, frame=f, digest=PICTURES[d]) for f, d in ((0, 0), (1, 0), (2, 0), (2, 1), (2, 2))]
    assert judge(video([1, 2, 3, 4]), *hits, facts=facts_of(pdqs=8)) == []
    (row,) = judge(video([1, 2, 3, 4]), *hits, near(9, frame=1, digest=PICTURES[3]), facts=facts_of(pdqs=8, size=1))
    assert row.frames == 3


# "with the timestamps as evidence": every frame that agrees, by its nearest picture, in the order of time.
def test_frames_that_agree_are_kept_with_the_verdict() -> None:
    hits = [near(9, frame=2, turn=4, digest=PICTURES[0]), near(8, frame=0), near(30, frame=2, digest=PICTURES[5])]
    (row,) = judge(video([1, 2, 3, 4]), *hits, exact("sha1"), facts=facts_of(pdqs=8))
    assert row.algorithm == "sha1"
    assert row.evidence == (Agreement(0.0, 8, 0, 80, PICTURES[0]), Agreement(2.0, 9, 4, 80, PICTURES[0]))
    (row,) = judge(STILL, near(3))
    assert row.evidence == ()
    (row,) = judge(video(range(EVIDENCE + 20)), *(near(n % 30, frame=n) for n in range(EVIDENCE + 20)))
    assert len(row.evidence) == EVIDENCE and [one.at for one in row.evidence] == sorted(one.at for one in row.evidence)
    assert max(one.distance for one in row.evidence) < 29


# "a frame seen in more than 10 unrelated videos is stop-listed"
def test_stop_listed_frames_agree_with_nothing() -> None:
    hits, listed = agreeing(0, 1, 2), facts_of(pdqs=8)
    assert len(judge(video([1, 2, 3, 4, 5]), *hits, facts=listed)) == 1
    assert judge(video([1, 2, 3, 4, 5]), *hits, facts=listed, stopped=PICTURES[:1]) == []
    other_list = near(20, entry=8, frame=1, digest=PICTURES[7])  # the same card, as another list has it
    assert judge(video([1, 2, 3]), other_list, near(9, frame=1), stopped=PICTURES[:1]) == []
    assert judge(video([1, 2, 3]), near(0, frame=1), stopped=PICTURES[:1]) == []
    (row,) = judge(STILL, near(0), stopped=PICTURES[:1])
    assert row.distance == 0
    (row,) = judge(video([1, 2, 3]), exact("sha1"), *hits, facts=listed, stopped=PICTURES[:1])
    assert len(row.evidence) == 2
    assert judge(video([1]), near(0), facts=listed, stopped=PICTURES[:1]) == []


# "one frame against an image entry is the lowest band", however near, and however many pictures the entry has.
def test_what_a_source_calls_a_picture_or_a_video_is_one() -> None:
    (row,) = judge(video([1, 2, 3, 4]), near(0, frame=2), facts=facts_of(pdqs=3, media="image"))
    assert (row.band, row.frames) == (31, 1)
    assert judge(video([1, 2, 3, 4]), near(0, frame=2), facts=facts_of(pdqs=3, media="video")) == []
    (row,) = judge(medium([frame(1)], duration=4.0), near(0), facts=ONE_DIGEST)
    assert row.band == 31  # the one frame that a video has


def test_a_frame_that_is_none_is_passed_over() -> None:
    broken = medium([frame(1), FrameDigest([], 90), frame(2)], duration=5.0)
    (row,) = judge(broken, *(near(4, frame=n, digest=PICTURES[n]) for n in (0, 2)), facts=facts_of(pdqs=4))
    assert row.frames == 2


# "one frame against an image entry is the lowest band", however near.
def test_a_frame_against_a_picture_is_the_lowest_band() -> None:
    (row,) = judge(video([1, 2, 3, 4]), near(0, frame=2))
    assert (row.band, row.distance, row.at, row.frames) == (31, 0, 2.0, 1)
    (row,) = judge(STILL, near(0), facts=facts_of(pdqs=5))
    assert row.band == 31
    (row,) = judge(video([1, 2]), near(35), radius=40)
    assert row.band == 40


# A whole file's digest needs no frames.
def test_a_video_by_its_file() -> None:
    (row,) = judge(video([1, 2, 3]), exact("sha1"), near(9, frame=1))
    assert (row.algorithm, row.near, row.band, row.quality) == ("sha1", False, 0, 100)


# Design, rule 13: no verdict is exact unless a digest of the file is.
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["pdq", "md5", "sha1", "sha256"]),
            st.integers(1, 3),
            st.integers(0, 45),
            st.integers(0, 2),
            st.integers(0, 7),
        ),
        max_size=12,
    ),
    st.integers(0, 40),
    st.sampled_from([0, 50_000]),
    st.integers(1, 4),
)
def test_near_and_exact_by_what_was_hit(
    raw: list[tuple[str, int, int, int, int]], radius: int, size: int, pdqs: int
) -> None:
    hits = [
        near(distance, entry, at, turn, PICTURES[at]) if name == "pdq" else exact(name, entry)
        for name, entry, distance, at, turn in raw
    ]
    rows = judge(video([1, 2, 3]), *hits, facts=facts_of(size, pdqs), radius=radius)
    assert len({row.entry_id for row in rows}) == len(rows)
    for row in rows:
        names = {hit.hit.algorithm for hit in hits if hit.hit.entry_id == row.entry_id}
        assert row.near or names & {"sha256", "sha1"} or ("md5" in names and row.algorithm == "md5")
        assert row.algorithm in names and row.distance <= radius
    for name, entry, _, _, _ in raw:
        assert name == "pdq" or any(row.entry_id == entry for row in rows)
