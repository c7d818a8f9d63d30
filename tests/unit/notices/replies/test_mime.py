"""Only what may be read is read: fields, delivery status, the first 16 KiB of text/plain."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.replies.mime import HEAD, PARTS, REPORT, TEXT, Message
from tests.unit.notices.replies.messages import BOUNCE, PICTURE, WITH_PICTURE, plain


def read(data: bytes, piece: int = 1 << 16) -> Message:
    message = Message()
    for begin in range(0, len(data), piece):
        message.feed(data[begin : begin + piece])
    message.end()
    return message


def seen(message: Message) -> bytes:
    """All octets that were kept."""
    bodies = b"".join(bytes(one.body) for one in (*message.texts, *message.status))
    return repr(message.head).encode() + bodies + bytes(message.returned)


@pytest.mark.parametrize("piece", [1, 7, 76, 1 << 16])
def test_a_picture_and_html_are_never_kept(piece: int) -> None:
    message = read(WITH_PICTURE, piece)
    kept = seen(message)
    assert [bytes(one.body).strip() for one in message.texts] == [b"Le contenu a =E9t=E9 supprim=E9.", b"QWxsIGdvbmUu"]
    assert PICTURE[:40].encode() not in kept and b"secret" not in kept and b"preamble" not in kept
    assert message.read < 1_500


@pytest.mark.parametrize("piece", [1, 11, 1 << 16])
def test_of_a_bounce_status_and_the_fields_of_the_notice_are_kept(piece: int) -> None:
    message = read(BOUNCE, piece)
    assert len(message.status) == 1 and b"5.1.1" in message.status[0].body
    assert b"Message-ID: <n4711" in message.returned
    assert b"secret-body" not in seen(message) and b"secret-places" not in seen(message)


def test_text_is_read_up_to_16_kib_in_all() -> None:
    message = read(plain("x" * 70 + "\r\n" + ("y" * 70 + "\n") * 2_000))
    assert sum(len(one.body) for one in message.texts) == TEXT == 16 * 1024
    several = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        + (b"--b\r\nContent-Type: text/plain\r\n\r\n" + b"z" * 10_000 + b"\r\n") * 5
    )
    assert sum(len(one.body) for one in read(several).texts) == TEXT


def test_a_message_of_many_megabytes_costs_little_memory() -> None:
    head = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: video/mp4\r\n\r\n"
    message = Message()
    tracemalloc.start()
    try:
        message.feed(head)
        for _ in range(200):
            message.feed(b"A" * (1 << 16))  # one line
        message.feed(b"\r\n--b\r\n\r\nhello\r\n--b--\r\n")
        message.end()
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()
    assert bytes(message.texts[0].body).strip() == b"hello"


def test_fields_are_bounded() -> None:
    message = read(b"X: y\r\n" * 100_000 + b"\r\nbody")
    assert message.read <= HEAD + 10


def test_parts_and_depth_are_bounded() -> None:
    many = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 1_000
    assert len(read(many).texts) <= PARTS
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(100))
    assert read(deep + b"\r\nhello").texts == []


def test_a_status_outside_a_report_is_not_read() -> None:
    forged = BOUNCE.replace(b"multipart/report; report-type=delivery-status", b"multipart/mixed")
    message = read(forged)
    assert message.status == [] and message.returned == b""
    long = read(BOUNCE.replace(b"Action: failed", b"X: y\r\n" * 5_000))
    assert len(long.status[0].body) <= REPORT


@given(
    st.lists(
        st.sampled_from(
            [
                b"--b",
                b"--b--",
                b"\r\n",
                b"\n",
                b"Content-Type: multipart/report; boundary=b",
                b"x: y",
                b"\r",
                b"Content-Type: message/rfc822",
                b"Content-Type: text/plain",
                b"Content-Type: message/delivery-status",
                b"hello",
                b"\0\xff",
                b"Content-Transfer-Encoding: base64",
            ]
        ),
        max_size=60,
    ).map(b"".join),
    st.integers(1, 50),
)
def test_pieces_make_no_difference_and_no_octets_an_error(data: bytes, piece: int) -> None:
    one, other = read(data), read(data, piece)
    assert seen(one) == seen(other) and one.read == other.read <= len(data)
