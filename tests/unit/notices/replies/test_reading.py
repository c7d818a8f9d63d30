"""Whole replies."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.errors import Corrupt
from contracts.notices import REPLY_KINDS, Arrived
from notices.replies.reading import API_BYTES, read_answer, read_message
from tests.notices import MESSAGE_ID, NOW
from tests.unit.notices.replies.messages import BOUNCE, NUMBER, WITH_PICTURE, crlf, plain


def read(data: bytes, unread: int = 0) -> Arrived:
    return read_message([data], NOW, unread)


def test_a_bounce_is_tied_by_the_notices_own_fields() -> None:
    found = read(BOUNCE)
    assert (found.reply.kind, found.reply.status) == ("bounce", "5.1.1")
    assert found.answers[0] == MESSAGE_ID and found.references == (NUMBER,)
    assert found.reply.in_reply_to == MESSAGE_ID and found.reply.message_id == "bounce-1@mx.hotline.example"
    assert found.reply.discarded > 200


@pytest.mark.parametrize("returned", [b"text/rfc822-headers", b"message/global-headers"])
def test_of_headers_only_too(returned: bytes) -> None:
    assert read(BOUNCE.replace(b"message/rfc822", returned)).answers[0] == MESSAGE_ID


@pytest.mark.parametrize("action", [b"delayed", b"delivered", b"relayed", b"expanded"])
def test_what_is_only_late_or_was_delivered_is_no_bounce(action: bytes) -> None:
    assert read(BOUNCE.replace(b"Action: failed", b"Action: " + action)).reply.kind == "auto"


def test_everything_else_is_discarded_unread_and_counted() -> None:
    found = read(WITH_PICTURE, unread=1_000_000)
    assert found.reply.text == "Le contenu a été supprimé.\n\n\nAll gone."
    assert found.reply.kind == "removed"
    assert found.reply.subject == f"Ré: [{NUMBER}] done" and found.reply.sender == "abuse@host.example"
    assert found.reply.discarded > 1_000_000 + 13_000
    assert found.answers == (MESSAGE_ID,) and found.references == (NUMBER,)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ((), "removed"),
        (("Auto-Submitted: no",), "removed"),
        (("Auto-Submitted: auto-replied",), "auto"),
        (("Auto-Submitted: auto-generated; owner-email=x@y.example",), "auto"),
        (("Return-Path: <>",), "auto"),
        (("Precedence: bulk",), "removed"),
    ],
)
def test_automatic_replies_are_told_apart(fields: tuple[str, ...], kind: str) -> None:
    """RFC 3834. Ticket systems mark as bulk what people write, too."""
    assert read(plain("The content has been removed.", *fields)).reply.kind == kind


def test_bulk_without_a_hint_is_automatic_and_an_appeal_always_counts() -> None:
    assert read(plain("We have received your message.", "Precedence: auto_reply")).reply.kind == "auto"
    assert read(plain("Ticket 1", "X-Autoreply: yes")).reply.kind == "auto"
    assert read(plain("We appeal against this.", "Auto-Submitted: auto-generated")).reply.kind == "appeal"


def test_a_bounce_in_plain_words() -> None:
    text = f"550 5.1.1 no such user\n\n--- Below is a copy ---\nMessage-ID: <{MESSAGE_ID}>"
    data = plain(text, "Return-Path: <>").replace(b"Abuse Desk <abuse@", b"<MAILER-DAEMON@")
    found = read(data)
    assert (found.reply.kind, found.reply.status) == ("bounce", "5.1.1") and MESSAGE_ID in found.answers
    assert read(data.replace(b"5.1.1", b"4.2.2")).reply.kind == "auto"


@pytest.mark.parametrize(
    ("data", "answers", "numbers"),
    [
        (plain("ok", f"In-Reply-To: <{MESSAGE_ID}>"), (MESSAGE_ID,), ()),
        (plain("ok", f"References: <first@h.example>\n <{MESSAGE_ID}>"), (MESSAGE_ID, "first@h.example"), ()),
        (plain("ok", subject=f"RE: [{NUMBER}] Please"), (), (NUMBER,)),
        (plain(f"ok\n> Notice {NUMBER} of"), (), (NUMBER,)),
        (plain("ok", subject=f"x{NUMBER}x P12-SHORT"), (), ()),
        (plain("ok"), (), ()),
    ],
)
def test_what_a_reply_names(data: bytes, answers: tuple[str, ...], numbers: tuple[str, ...]) -> None:
    assert (read(data).answers, read(data).references) == (answers, numbers)


def test_the_same_reply_has_the_same_key_and_another_another() -> None:
    one = read(plain("ok", "Received: by a"))
    assert one.key == read(plain("ok", "Received: by b")).key and len(one.key) == 32
    assert one.key != read(plain("no")).key
    assert read(b"a: b\r\n\r\nx").key != read(b"a: c\r\n\r\nx").key


def test_text_is_at_most_16_kib() -> None:
    found = read(plain("é " * 20_000))
    assert 16_000 < len(found.reply.text.encode()) <= 16 * 1024
    assert found.reply.discarded > 40_000


def test_text_is_harmless_to_show() -> None:
    assert read(plain("a\tb\x1b[31mred \u202eevil\0")).reply.text == "a b\ufffd[31mred \ufffdevil\ufffd"


def test_a_body_that_is_a_picture_or_html_is_not_read() -> None:
    for kind in ("image/png", "text/html", "application/octet-stream", "message/rfc822", "multipart/mixed"):
        found = read(crlf(f"Message-ID: <a@b>\nContent-Type: {kind}\n\nhas been removed, secret"))
        assert (found.reply.text, found.reply.kind) == ("", "other") and found.reply.discarded >= 24


@settings(max_examples=150)
@given(st.binary(max_size=600))
def test_whatever_the_octets_are_there_is_an_answer(data: bytes) -> None:
    found = read(data)
    assert found.reply.kind in REPLY_KINDS and 0 <= found.reply.discarded <= len(data)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, len(WITH_PICTURE) - 1), st.integers(0, 255)), max_size=20), st.booleans())
def test_nor_does_a_damaged_message_raise(damage: list[tuple[int, int]], bounce: bool) -> None:
    data = bytearray(BOUNCE if bounce else WITH_PICTURE)
    for at, value in damage:
        data[at % len(data)] = value
    read(bytes(data))


def answer(**fields: object) -> bytes:
    return json.dumps({"id": "e1", "notice": NUMBER, **fields}).encode()


def test_an_answer_of_an_api() -> None:
    found = read_answer(answer(kind="removed", text="gone"), "host", NOW)
    assert (found.reply.kind, found.reply.text, found.reply.sender) == ("removed", "gone", "host")
    assert found.references == (NUMBER,)
    assert found.key == read_answer(answer(text="gone"), "host", NOW + 1).key
    assert found.key != read_answer(answer(text="gone"), "other", NOW).key
    assert read_answer(answer(notice=MESSAGE_ID), "host", NOW).answers == (MESSAGE_ID,)
    assert read_answer(answer(kind="bounce"), "host", NOW).reply.kind == "other"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b"\xff", b'{"id": "\xff"}', b"[" * 5_000, answer(picture="x"), answer(text=5), b'{"notice": "x"}',
        answer(text="x" * API_BYTES),
    ],
)  # fmt: skip
def test_what_is_no_answer(body: bytes) -> None:
    with pytest.raises(Corrupt, match="provider host"):
        read_answer(body, "host", NOW)


@given(st.binary(max_size=200))
def test_any_body_is_an_answer_or_is_refused(body: bytes) -> None:
    with pytest.raises(Corrupt):
        read_answer(body, "host", NOW)
