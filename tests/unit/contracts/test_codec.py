"""Messages as bytes and as JSON: versions, hostile bytes, and what people do not get to see."""

import json
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from contracts import messages
from contracts.codec import (
    BUNDLE,
    TAGS,
    VERSION,
    UnknownVersion,
    bundle,
    bundles,
    decode,
    decode_all,
    encode,
    encode_all,
    to_json,
    unreadable,
)
from contracts.errands import RobotsErrand
from contracts.errors import Corrupt
from contracts.messages import (
    DigestRecord,
    Discovery,
    FrameDigest,
    HostMatched,
    Limits,
    Link,
    LinkGroup,
    LinkKind,
    Match,
    MediaDigests,
    Message,
    Order,
    OrderEnd,
    OrderItem,
    OrderKind,
    Outcome,
    OutcomeBatch,
    Purpose,
    Recheck,
    Result,
)
from contracts.notes import Control, DeadLetter, Heartbeat
from contracts.ports import Unreadable

GROUP = LinkGroup(True, "h", 7, [Link("/a", b"u" * 16, LinkKind.MEDIA, 1)])
ERRAND = RobotsErrand("https://h", 7, 200, "", b"canary-body")
EXAMPLES: list[Message] = [
    Discovery(Purpose.LINK, b"p" * 26, 3, 1.5, [GROUP], 1, [b"c" * 16], [b"f" * 26], ERRAND),
    HostMatched("h", 7),
    Order(
        b"o" * 16, 1, 2, OrderKind.PAGES, "h", "192.0.2.1", 1.0, 2.0, 3.0, 1.0, 1, "Pisaura/1.0", Limits(1, 2, 3.0, 4.0, 5),
        [OrderItem("https://h/a", b"u" * 16, LinkKind.PAGE, 1, '"canary-etag"')], errand=ERRAND,
    ),
    OutcomeBatch(
        [
            Outcome(
                b"o" * 16, b"u" * 16, Result.FETCHED, 1.0, 2.0, 200, etag='"canary-etag"', content_key=b"canary-key-16byt",
                refused_links={"scheme": 2}, robots_body=b"canary-body",
            )
        ],
        [OrderEnd(b"o" * 16, "h", "192.0.2.1", 2.0, 1)],
    ),
    DigestRecord(
        b"canary-place", b"canary-sealed", b"canary-sha256", b"canary-sha1", b"canary-md5", 5, 1.0,
        MediaDigests("image/png", 1, 2, [FrameDigest([b"canary-pdq"] * 8, 90)]), b"canary-head", '"canary-etag"',
    ),
    Match(b"canary-sha256", b"canary-place", b"canary-sealed", 123454321, "pdq", 3, 0, True, 1.0),
    Recheck(
        b"canary-ticket", 1.0, 2.0, b"canary-place", 200, "", False, "image/png",
        DigestRecord(
            b"canary-place", b"canary-sealed", b"canary-sha256", b"canary-sha1", b"canary-md5", 5, 1.0,
            MediaDigests("image/png", 1, 2, [FrameDigest([b"canary-pdq"] * 8, 90)]), b"canary-head", '"canary-etag"',
        ),
        b"canary-moved", b"canary-moved-place", "direct", 1.0,
    ),
    Control("pause", "h", "", "asked to", 0.0),
    Heartbeat("fetcher", "p-1", "h", 1.0, 2.0, 0.5, {"pages": 3.0}, "kafka", True),
    DeadLetter("urls", 1, 2, "too new", "p-1", 3.0, b"canary-payload", 4.0),
]  # fmt: skip


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda message: type(message).__name__)
def test_every_message_comes_back(message: Message) -> None:
    data = encode(message)
    assert data[0] == VERSION
    assert TAGS[data[1]] is type(message)
    assert decode(data) == message


def test_every_type_has_a_tag_and_an_example() -> None:
    assert set(TAGS.values()) == set(get_args(messages.Message)) == {type(message) for message in EXAMPLES}
    # Stored in logs: these numbers are never given to another type.
    assert [kind.__name__ for _, kind in sorted(TAGS.items())] == [
        "Discovery", "HostMatched", "Order", "OutcomeBatch", "DigestRecord", "Match", "Control", "Heartbeat",
        "DeadLetter", "Recheck",
    ]  # fmt: skip
    assert min(TAGS) == 1


def test_a_newer_format_is_told_from_damage() -> None:
    data = bytes([VERSION + 1]) + encode(EXAMPLES[1])[1:]
    with pytest.raises(UnknownVersion, match="newer than 1"):
        decode(data)


def test_fields_added_by_a_newer_writer_are_skipped_and_missing_ones_get_defaults() -> None:
    head = encode(HostMatched("h", 7))[:2]
    assert decode(head + msgspec.msgpack.encode(["h", 7, {"new": [1, 2]}])) == HostMatched("h", 7)
    head = encode(Control("pause", "h"))[:2]
    assert decode(head + msgspec.msgpack.encode(["pause", "h"])) == Control("pause", "h")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "0 bytes"),
        (b"\x01\x02", "2 bytes"),
        (b"\x00\x02\x90", "format 0"),
        (b"\x01\x63\x90", "type 99"),
        (b"\x01\x02\x90", "HostMatched of 3 bytes"),
        (b"\x01\x02\x92\xa1\xff\x01", "HostMatched"),
        (b"\x01\x02\x92\x01\x01", "HostMatched"),
        (b"\x01\x02\xdd\xff\xff\xff\xff", "HostMatched"),
        (b"\x01\x02\xdb\xff\xff\xff\xff", "HostMatched"),
        (b"\x01\x02\x93\xa1a\x01" + b"\x91" * 100_000, "HostMatched"),
        (b"\x01\x02\x92\xa1a\x01\x01", "trailing"),
    ],
)
def test_what_cannot_be_read_is_corrupt_and_says_why(data: bytes, words: str) -> None:
    with pytest.raises(Corrupt, match=words) as caught:
        decode(data)
    assert not isinstance(caught.value, UnknownVersion)


@given(st.integers(0, 10), st.binary(max_size=60))
def test_any_bytes_are_a_message_or_corrupt(tag: int, data: bytes) -> None:
    try:
        message = decode(bytes([1, tag]) + data)
    except Corrupt:
        return
    assert decode(encode(message)) == message
    assert json.loads(to_json(message))


@given(st.sampled_from(EXAMPLES), st.data())
def test_damaged_messages_are_read_or_corrupt(message: Message, data: st.DataObject) -> None:
    raw = bytearray(encode(message))
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(2, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        to_json(decode(bytes(raw[: data.draw(st.integers(0, len(raw)))])))
    except Corrupt as error:
        assert str(error)


def test_lone_surrogates_from_hostile_headers_do_not_stop_a_batch() -> None:
    bad = Outcome(b"o", b"u", Result.REDIRECT, 1.0, 2.0, 302, location="/\udcff", refused_links={"a\ud800": 1})
    good = Outcome(b"o", b"v", Result.FETCHED, 1.0, 2.0, 200, robots_body=b"x")
    message = decode(encode(OutcomeBatch([bad, good], [])))
    assert isinstance(message, OutcomeBatch)
    assert message.outcomes[0].location == "/\ufffd"
    assert message.outcomes[0].refused_links == {"a\ufffd": 1}
    assert message.outcomes[1] == good
    assert json.loads(to_json(HostMatched("\ud800", 1))) == {"type": "HostMatched", "host": "\ufffd", "bucket": 1}


def test_people_see_names_and_ids() -> None:
    shown = json.loads(to_json(EXAMPLES[0]))
    assert next(iter(shown)) == "type"
    assert shown["type"] == "Discovery"
    assert shown["purpose"] == "link"
    assert shown["parent"] == (b"p" * 26).hex()
    assert shown["groups"][0]["links"] == [{"path": "/a", "url_id": (b"u" * 16).hex(), "kind": "media", "flags": 1}]
    assert shown["robots"]["body"] == "(11 bytes)"


# Design, section 7: digests, sealed places and list data are no one's to read.
@pytest.mark.parametrize("message", EXAMPLES, ids=lambda message: type(message).__name__)
def test_people_do_not_see_digests_places_or_lists(message: Message) -> None:
    shown = to_json(message)
    assert "canary" not in shown
    assert b"canary".hex() not in shown
    assert "123454321" not in shown
    json.loads(shown)


def test_who_may_know_gets_all() -> None:
    shown = json.loads(to_json(EXAMPLES[5], reveal=True))
    assert shown["sha256"] == b"canary-sha256".hex()
    assert shown["entry_id"] == 123454321
    assert json.loads(to_json(EXAMPLES[4], reveal=True))["etag"] == '"canary-etag"'


def test_every_field_of_bytes_is_hidden_unless_known_to_be_an_id() -> None:
    plain: set[str] = set()

    def look(value: Any) -> None:
        if isinstance(value, Struct):
            for field in value.__struct_fields__:
                inner = getattr(value, field)
                if isinstance(inner, bytes) or (isinstance(inner, list) and inner and isinstance(inner[0], bytes)):
                    plain.add(field)
                look(inner)
        elif isinstance(value, list):
            for item in value:
                look(item)

    for message in EXAMPLES:
        look(message)
    hidden = {
        "payload",
        "body",
        "robots_body",
        "content_key",
        "place",
        "sealed",
        "sha256",
        "sha1",
        "md5",
        "head_sha256",
        "forms",
        "ticket",
        "moved_to",
        "moved_place",
    }
    assert plain - hidden == {"url_id", "order_id", "parent", "chain", "found_on"}


def test_a_bundle_comes_back_in_order() -> None:
    assert decode_all(encode_all(EXAMPLES)) == EXAMPLES
    assert decode_all(encode_all([])) == []
    assert encode_all(EXAMPLES)[0] == BUNDLE


def test_a_message_that_cannot_be_read_costs_no_other() -> None:
    newer, damaged = bytes([VERSION + 1]) + encode(EXAMPLES[1])[1:], b"\x01\x02\x90"
    data = bundle([encode(EXAMPLES[1]), newer, encode(EXAMPLES[6]), damaged, b""])
    first, second, third, *others = decode_all(data)
    assert (first, third) == (EXAMPLES[1], EXAMPLES[6])
    assert isinstance(second, Unreadable)
    assert "newer than 1" in second.why
    assert [type(other) for other in others] == [Unreadable, Unreadable]
    assert unreadable(data) == bundle([newer, damaged, b""]), "what is parked is what could not be read"
    assert unreadable(encode_all(EXAMPLES)) == encode_all([])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "0 bytes"),
        (b"\x00\x90", "no bundle format 0"),
        (bytes([BUNDLE + 1]) + b"\x90", "newer than 1, the newest known here; upgrade"),
        (b"\x01", "cannot be read"),
        (b"\x01\x91\xa1a", "cannot be read"),
        (b"\x01\x93\xc4\x01a", "cannot be read"),
        (b"\x01\xdd\xff\xff\xff\xff", "cannot be read"),
        (b"\x01\x90\x90", "trailing"),
    ],
)
def test_what_is_no_bundle_is_one_unreadable(data: bytes, words: str) -> None:
    (found,) = decode_all(data)
    assert isinstance(found, Unreadable)
    assert words in found.why
    assert unreadable(data) == data


@given(st.binary(max_size=200))
def test_any_bytes_are_a_bundle_or_unreadable(data: bytes) -> None:
    decode_all(data)
    decode_all(b"\x01" + data)
    unreadable(b"\x01" + data)


@given(st.lists(st.integers(0, 400), max_size=20), st.integers(20, 1000))
def test_long_bundles_are_parted_in_order(lengths: list[int], most: int) -> None:
    messages: list[Message] = [HostMatched("h" * length, n) for n, length in enumerate(lengths)]
    parts = list(bundles(messages, most))
    assert [message for data, _ in parts for message in decode_all(data)] == messages
    assert [message for _, part in parts for message in part] == messages
    assert all(len(data) <= most or len(part) == 1 for data, part in parts)
    assert all(decode_all(data) == list(part) for data, part in parts)
