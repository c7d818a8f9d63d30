"""fetchers.service.media: hashed while it streams, decoded once, sealed (design, rule 11 and section 7)."""

import hashlib

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from contracts.hashes import Hashes
from contracts.location import opened_place
from contracts.messages import FrameDigest, MediaDigests
from contracts.seal import Opener, Sealer, new_keys
from fetchers.response import Response
from fetchers.service.media import Media

KEYS = new_keys()
SEALER = Sealer(KEYS.public, KEYS.place_key)
DECODED = MediaDigests("image/png", 64, 64, [FrameDigest([bytes(32)] * 8, 100)])


class Counting:
    """A digester that counts what it is given."""

    def __init__(self, answer: MediaDigests = DECODED) -> None:
        self.answer, self.calls = answer, 0

    async def digest(self, data: bytes | bytearray | memoryview, media_type: str) -> MediaDigests:
        self.calls += 1
        return self.answer


def hashed(body: bytes) -> Hashes:
    hashes = Hashes()
    hashes(body)
    return hashes


def response(body: bytes) -> Response:
    fields = CIMultiDictProxy(CIMultiDict([("ETag", '"x"')]))
    return Response(200, fields, body, len(body), "", 100.0, 101.0, "192.0.2.1")


async def test_the_place_leaves_sealed_only() -> None:
    """Section 7: a record carries the sealed location and a keyed HMAC of its url_id, nothing else that leads to it."""
    media = Media(Counting(), SEALER)
    record = await media.record("http://h.test/i.png", b"u" * 16, "image/png", response(b"body"), hashed(b"body"))
    assert opened_place(Opener(KEYS.secret).open(record.sealed)) == ("http://h.test/i.png", "192.0.2.1")
    assert record.place == SEALER.place(b"u" * 16) != b"u" * 16
    assert b"h.test" not in record.sealed
    assert (record.size, record.seen_at, record.etag, record.media) == (4, 101.0, '"x"', DECODED)


async def test_the_same_bytes_are_decoded_once() -> None:
    digester = Counting()
    media = Media(digester, SEALER)
    for n in range(3):
        await media.record(f"http://h.test/{n}", bytes([n]) * 16, "image/png", response(b"same"), hashed(b"same"))
    assert (digester.calls, media.decoded, media.reused) == (1, 1, 2)


@pytest.mark.parametrize(("why", "calls"), [("crashed", 2), ("timed_out", 2), ("stopped", 2), ("undecodable", 1)])
async def test_what_may_go_better_next_time_is_tried_again(why: str, calls: int) -> None:
    digester = Counting(MediaDigests("image/png", why=why))
    media = Media(digester, SEALER)
    for _ in range(2):
        await media.record("http://h.test/", b"u" * 16, "image/png", response(b"bad"), hashed(b"bad"))
    assert digester.calls == calls


async def test_memory_of_what_was_decoded_is_bounded() -> None:
    digester = Counting()
    media = Media(digester, SEALER, remembered=2)
    for body in (b"a", b"b", b"a", b"c", b"a", b"b"):
        await media.record("http://h.test/", b"u" * 16, "image/png", response(body), hashed(body))
    assert digester.calls == 4  # a, b, c, and b again: a was used last when c made room


async def test_a_video_is_remembered_at_the_cost_of_its_frames() -> None:
    """Or else animations that nobody else has would fill the memory of a fetcher."""
    frames = [FrameDigest([bytes(32)] * 8, 100, float(at)) for at in range(5)]
    digester = Counting(MediaDigests("video/mp4", 64, 64, frames))
    media = Media(digester, SEALER, remembered=10)
    for body in (b"a", b"b", b"b", b"a", b"c", b"a", b"b"):
        await media.record("http://h.test/", b"u" * 16, "video/mp4", response(body), hashed(body))
    assert digester.calls == 4  # a, b, c, and b again: two videos are all that fit


async def test_the_same_video_twice_at_a_time_counts_once() -> None:
    media = Media(Counting(), SEALER, remembered=2)
    for _ in range(3):
        media._remember(b"a", DECODED)
    assert media._room == 1


def test_a_content_key_tells_changes_and_nothing_else() -> None:
    media = Media(Counting(), SEALER)
    sha256 = hashlib.sha256(b"body").digest()
    assert media.content_key(sha256) == media.content_key(sha256) != media.content_key(bytes(32))
    assert media.content_key(sha256) != sha256[:16]
    assert len(media.content_key(sha256)) == 16
