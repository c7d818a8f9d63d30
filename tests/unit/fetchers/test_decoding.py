"""Content codings in bounded steps."""

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from contracts.faults import Cut, Fault
from fetchers.decoding import FREE, MEMBERS, STEP, Body, codings_of

MIB = 1 << 20


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}
TEXT = b"".join(b"line %d of an honest page\n" % i for i in range(5_000))


def read(codings: tuple[str, ...], data: bytes, size: int = 0, limit: int = 10 * MIB, expansion: int = 100) -> Body:
    """Feed `data` in pieces of `size` bytes (0: at once)."""
    body = Body(codings, limit, expansion)
    pieces = [data[at : at + size] for at in range(0, len(data), size)] if size else [data]
    if all(body.feed(piece) for piece in pieces):
        body.finish()
    return body


# RFC 9110, 8.4: codings are listed in the order they were applied; names are case-insensitive; x-gzip means gzip.
@pytest.mark.parametrize(
    ("values", "codings"),
    [
        ([], ()),
        (["gzip"], ("gzip",)),
        (["GZIP"], ("gzip",)),
        (["x-gzip"], ("x-gzip",)),
        (["identity"], ()),
        (["none", "gzip, identity"], ("gzip",)),
        (["deflate, gzip"], ("deflate", "gzip")),
        (["deflate", "gzip"], ("deflate", "gzip")),
        (["gzip, gzip, gzip"], None),
        (["compress"], None),
        (["gzip;q=1"], None),
        ([",".join(["gzip"] * 100_000)], None),
    ],
)
def test_codings_are_read_from_all_fields(values: list[str], codings: tuple[str, ...] | None) -> None:
    assert codings_of(values) == codings


@pytest.mark.parametrize("size", [0, 1, 7, 1000])
@pytest.mark.parametrize("coding", PACK)
def test_each_coding_is_read_in_pieces_of_any_size(coding: str, size: int) -> None:
    body = read((coding,), PACK[coding](TEXT), size)
    assert (bytes(body.body), body.cut, body.size) == (TEXT, "", len(TEXT))


def test_a_plain_body_is_kept_as_it_came() -> None:
    assert read((), TEXT, 100).body == TEXT
    assert read((), TEXT).body is TEXT


# RFC 9110, 8.4.1.2 Note: "Some non-conformant implementations send the deflate data without the zlib wrapper."
@pytest.mark.parametrize("size", [0, 1, 2, 50])
def test_deflate_may_lack_its_wrapper(size: int) -> None:
    assert read(("deflate",), raw_deflate(TEXT), size).body == TEXT


# RFC 1952, 2.2: a gzip file consists of members one after the other. RFC 8878, 3: so do zstd frames, some to be skipped.
@pytest.mark.parametrize("size", [0, 1, 13])
def test_members_follow_each_other(size: int) -> None:
    assert read(("gzip",), gzip.compress(b"one ") + gzip.compress(b"two"), size).body == b"one two"
    skipped = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"
    body = read(("zstd",), zstd.compress(b"one ") + skipped + zstd.compress(b"two"), size)
    assert (bytes(body.body), body.cut) == (b"one two", "")


@pytest.mark.parametrize("tail", [b"\x00" * 512, b"garbage after the end", b"\x1f"])
@pytest.mark.parametrize("size", [0, 1])
def test_what_follows_the_last_member_is_ignored(tail: bytes, size: int) -> None:
    body = read(("gzip",), gzip.compress(TEXT) + tail, size)
    assert body.body == TEXT
    assert body.cut == ("" if tail != b"\x1f" else Cut.TRUNCATED)
    assert read(("deflate",), zlib.compress(TEXT) + tail, size).body == TEXT


def test_the_br_library_takes_nothing_after_the_end() -> None:
    body = read(("br",), brotli.compress(TEXT) + b"tail")
    assert body.cut == Fault.BAD_ENCODING
    assert body.body
    assert TEXT.startswith(bytes(body.body))


def test_members_are_counted() -> None:
    many = gzip.compress(b"") * (MEMBERS + 1)
    assert read(("gzip",), many).cut == Fault.BAD_ENCODING
    assert read(("gzip",), gzip.compress(b"") * MEMBERS).cut == ""


# Design, section 6: what was read is used where it still means something.
@pytest.mark.parametrize("coding", PACK)
def test_a_stream_that_ends_early_keeps_what_was_read(coding: str) -> None:
    data = PACK[coding](TEXT)
    body = read((coding,), data[: len(data) * 3 // 4], 64)
    assert body.cut == Cut.TRUNCATED
    assert TEXT.startswith(bytes(body.body))


@pytest.mark.parametrize("coding", PACK)
def test_an_empty_body_is_whole_in_any_coding(coding: str) -> None:
    assert read((coding,), b"").cut == ""


@pytest.mark.parametrize("coding", PACK)
def test_garbage_is_named(coding: str) -> None:
    body = read((coding,), b"<html>this was never packed</html>" * 10)
    assert (body.cut, body.body) == (Fault.BAD_ENCODING, b"")


def test_codings_on_top_of_each_other() -> None:
    body = read(("deflate", "gzip"), gzip.compress(zlib.compress(TEXT)), 10)
    assert (bytes(body.body), body.cut) == (TEXT, "")


@pytest.mark.parametrize("coding", PACK)
def test_a_bomb_is_cut_at_the_expansion_limit(coding: str) -> None:
    bomb = PACK[coding](bytes(50 * MIB))
    body = read((coding,), bomb, 1000)
    assert body.cut == Cut.EXPANSION
    assert body.size == len(body.body) <= max(FREE, 100 * body.wire)


# Issue: "a bound on expansion"; the brief: never more than the limit and one step of memory.
@pytest.mark.parametrize("coding", PACK)
def test_a_bomb_costs_no_more_memory_than_the_limit_and_a_step(coding: str) -> None:
    bomb = PACK[coding](bytes(40 * MIB))
    read((coding,), bomb, limit=1000)
    tracemalloc.start()
    try:
        body = read((coding,), bomb, limit=2 * MIB, expansion=1_000_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (body.cut, body.size) == (Cut.BODY_BYTES, 2 * MIB)
    assert peak < 2 * MIB * 9 / 8 + 4 * STEP


def test_a_bomb_inside_a_coding_is_cut_although_nothing_comes_out() -> None:
    # The inner stream is a gzip member followed by padding that is ignored: endless work without output.
    inner = gzip.compress(b"small") + bytes(100 * MIB)
    body = read(("gzip", "gzip"), gzip.compress(inner))
    assert body.cut == Cut.EXPANSION
    assert body.body == b"small"


def test_small_pages_of_one_repeated_byte_are_no_bombs() -> None:
    assert read(("gzip",), gzip.compress(b"a" * FREE)).cut == ""


@pytest.mark.parametrize(("length", "cut"), [(999, ""), (1000, ""), (1001, Cut.BODY_BYTES)])
@pytest.mark.parametrize("size", [0, 300])
def test_a_plain_body_is_cut_at_its_limit(length: int, cut: str, size: int) -> None:
    body = read((), b"x" * length, size, limit=1000)
    assert (body.size, body.cut) == (min(length, 1000), cut)


def test_bytes_on_the_wire_count_as_well() -> None:
    body = read(("gzip",), gzip.compress(b"small") + bytes(10_000), 100, limit=1000)
    assert (body.cut, body.body) == (Cut.BODY_BYTES, b"small")


def test_nothing_is_taken_after_a_cut() -> None:
    body = Body((), 10, 100)
    assert not body.feed(b"x" * 11)
    assert not body.feed(b"y")
    assert body.body == b"x" * 10


def test_the_sink_gets_what_the_body_gets() -> None:
    chunks: list[bytes] = []
    body = Body(("gzip",), 100_000, 100, chunks.append)
    assert not body.feed(gzip.compress(TEXT))
    assert b"".join(chunks) == body.body == TEXT[:100_000]
    assert all(len(chunk) <= STEP for chunk in chunks)


# Every byte from the web is hostile: any input ends with a body and a name, never with an exception.
@given(
    st.lists(st.sampled_from(sorted(PACK)), min_size=1, max_size=2),
    st.lists(st.binary(max_size=200), max_size=5),
    st.integers(0, 300),
    st.booleans(),
)
def test_any_bytes_are_decoded_or_named(codings: list[str], pieces: list[bytes], at: int, damage: bool) -> None:
    if damage:
        data = bytearray(TEXT[:500])
        whole: bytes = bytes(data)
        for coding in codings:
            whole = PACK[coding](whole)
        pieces = [whole[:at], *pieces, whole[at:]]
    body = Body(tuple(codings), 1000, 100)
    if all(body.feed(piece) for piece in pieces):
        body.finish()
    assert body.size == len(body.body) <= 1000
    assert body.cut in {"", *Cut, Fault.BAD_ENCODING}


@given(st.binary(max_size=5000), st.lists(st.sampled_from(sorted(PACK)), max_size=2), st.integers(1, 500))
def test_what_was_packed_is_unpacked(data: bytes, codings: list[str], size: int) -> None:
    packed = data
    for coding in codings:
        packed = PACK[coding](packed)
    body = read(tuple(codings), packed, size)
    assert (bytes(body.body), body.cut) == (data, "")
