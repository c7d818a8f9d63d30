"""What re-checks say (docs/domain.md, section 3)."""

import pytest
from msgspec.structs import replace

from contracts.cases import Presence
from contracts.errands import NOT_ASKED
from contracts.messages import DigestRecord, FrameDigest, MediaDigests, Recheck
from notices.presence import Again, Judged, Sighted, Wait, is_placeholder, judge, learnable, nearest

SAME = b"s" * 32
OTHER = b"o" * 32
PLAIN = int("01" * 128, 2)
"""A hash with as many bits set as not."""


def frame(differ: int = 0, forms: int = 1, quality: int = 100, base: int = PLAIN) -> FrameDigest:
    """A frame whose last form differs from `base` by so many bits; its other forms by all."""
    shown = (base ^ ((1 << differ) - 1)).to_bytes(32)
    far = (base ^ ((1 << 256) - 1)).to_bytes(32)
    return FrameDigest([far] * (forms - 1) + [shown], quality)


SIGHTED = Sighted(SAME, (frame(),))


def record(sha256: bytes = OTHER, *frames: FrameDigest, why: str = "") -> DigestRecord:
    media = MediaDigests("image/png", 100, 100, list(frames), why=why)
    return DigestRecord(b"p" * 32, b"", sha256, b"", b"", 1000, 5.0, media)


def answer(status: int = 200, **fields: object) -> Recheck:
    return replace(Recheck(b"t" * 16, 1.0, 2.0, b"p" * 32, status), **fields)


def says(answer: Recheck, matches: bool | None = None, placeholders: frozenset[bytes] = frozenset()) -> Presence:
    judged = judge(answer, SIGHTED, matches, 40, placeholders)
    assert isinstance(judged, Judged)
    return judged.presence


def test_present_by_the_same_digest() -> None:
    """ "present (same digest [...])"; "304 by strong ETag = present" """
    for found in (answer(304, unchanged=True), answer(206, unchanged=True), answer(record=record(SAME))):
        assert judge(found, SIGHTED, None, 40) == Judged(Presence.PRESENT, judge_why(found), same=True)
    assert says(answer(404, record=record(SAME))) is Presence.PRESENT, "an error page that is the picture is no removal"


def judge_why(found: Recheck) -> str:
    return "unchanged" if found.unchanged else "same_digest"


def test_present_by_another_digest_is_not_the_same() -> None:
    """ "or still matches any entry, or PDQ <= 40 from the sighted one", any form of it"""
    still = judge(answer(record=record(OTHER, frame(200))), SIGHTED, True, 40)
    assert still == Judged(Presence.PRESENT, "still_matches")
    for forms in (1, 8):
        near = judge(answer(record=record(OTHER, frame(40, forms))), SIGHTED, None, 40)
        assert near == Judged(Presence.PRESENT, "near_the_sighted")
    assert says(answer(record=record(OTHER, frame(41))), False) is Presence.ABSENT


@pytest.mark.parametrize("status", [404, 410])
def test_absent_by_status(status: int) -> None:
    assert says(answer(status)) is Presence.ABSENT
    assert says(answer(status, record=record(OTHER, frame(200)))) is Presence.ABSENT


def test_absent_if_decodable_media_matches_nothing() -> None:
    found = answer(record=record(OTHER, frame(200)))
    assert judge(found, SIGHTED, None, 40) == Wait(OTHER), "the hasher has not said yet"
    assert says(found, False) is Presence.ABSENT


def test_a_learnt_placeholder_is_absent_though_nobody_can_decode_it() -> None:
    """ "a learnt placeholder: one SHA-256 at 3 or more cases of the host" """
    found = answer(record=record(OTHER, why="not_decodable"))
    assert says(found, False) is Presence.UNKNOWN
    assert says(found, False, frozenset({OTHER})) is Presence.ABSENT
    assert not is_placeholder(2, 3) and is_placeholder(3, 3)


def test_media_of_cases_never_becomes_a_placeholder() -> None:
    """A host that shows one known picture at many cases removes nothing."""
    for found, matches in [
        (answer(record=record(OTHER, frame(200))), True),
        (answer(record=record(OTHER, frame(10))), False),
        (answer(record=record(SAME)), False),
        (answer(404, record=record(OTHER, frame(200))), False),
        (answer(404), False),
    ]:
        assert learnable(judge(found, SIGHTED, matches, 40), found, matches) == b""
        assert says(found, matches, frozenset({OTHER, SAME})) is (
            Presence.ABSENT if found.status == 404 else Presence.PRESENT
        )
    other = answer(record=record(OTHER, frame(200)))
    assert learnable(judge(other, SIGHTED, False, 40), other, False) == OTHER
    assert learnable(judge(other, SIGHTED, None, 40), other, None) == b""


@pytest.mark.parametrize("status", [0, 100, 204, 400, 401, 403, 405, 406, 418, 429, 451, 500, 502, 503, 599, 999])
def test_unknown_by_status(status: int) -> None:
    """ "unknown (HTML for media, 401, 403, 429, 451, 5xx, challenge, [...])" """
    assert says(answer(status)) is Presence.UNKNOWN
    assert says(answer(status, unchanged=True)) is Presence.UNKNOWN


def test_unknown_if_there_is_no_media() -> None:
    assert says(answer(200, media_type="text/html")) is Presence.UNKNOWN
    assert says(answer(206)) is Presence.UNKNOWN
    assert says(answer(304)) is Presence.UNKNOWN, "to no question of ours"


@pytest.mark.parametrize("error", ["dns_not_found", "dns_timeout", "total_timeout", "robots", "tls_failed", "whatever"])
def test_unknown_by_error(error: str) -> None:
    """ "DNS, time-out, newly disallowed by robots" """
    assert says(answer(0, error=error)) is Presence.UNKNOWN
    assert says(answer(404, error=error)) is Presence.UNKNOWN


@pytest.mark.parametrize("error", sorted(NOT_ASKED))
def test_who_was_not_asked_has_not_answered(error: str) -> None:
    assert judge(answer(0, error=error), SIGHTED, None, 40) == Again()
    assert learnable(Again(), answer(0, error=error), None) == b""


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_moved(status: int) -> None:
    assert says(answer(status, moved_to=b"sealed")) is Presence.MOVED


def test_plain_and_poor_frames_say_nothing() -> None:
    """Black frames of two videos are as near as can be, and no presence."""
    black = FrameDigest([bytes(32)], 100)
    assert nearest([black], [black]) == 257
    assert nearest([frame(quality=0)], [frame()]) == 0, "a still is compared whatever its quality"
    assert nearest([frame(quality=49), frame(200)], [frame()]) > 40
    assert nearest([frame(quality=50), frame(200)], [frame()]) == 0
    assert nearest([], [frame()]) == nearest([FrameDigest([], 100)], [frame()]) == 257
