"""Header fields and bodies of hostile messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.replies.fields import (
    FIELDS,
    VALUE,
    address_in,
    body_of,
    decoded,
    ids_in,
    in_charset,
    parameter,
    parse,
    value_of,
)


def test_fields_are_unfolded_and_lower_case() -> None:
    found = parse(b"Subject: a\r\n b\r\n\tc\r\nX-Other:  d \r\nno field\r\n")
    assert found == [("subject", "a b c"), ("x-other", "d")]
    assert value_of(found, "subject") == "a b c" and value_of(found, "from") == ""


def test_fields_are_bounded() -> None:
    assert len(parse(b"A: b\r\n" * (FIELDS + 10))) == FIELDS
    assert len(parse(b"A: b\r\n" + b" c\r\n" * 100_000)[0][1]) <= VALUE


@pytest.mark.parametrize(
    ("value", "boundary"),
    [
        ('multipart/mixed; boundary="a b"', "a b"),
        ("multipart/mixed;boundary=ab; charset=x", "ab"),
        ("multipart/mixed; BOUNDARY = ab", "ab"),
        ("multipart/mixed; xboundary=ab", ""),
        ("multipart/mixed", ""),
        ('multipart/mixed; boundary="unclosed', ""),
        ("multipart/mixed; boundary=" + "x" * 301, "x" * 300),
    ],
)
def test_parameters(value: str, boundary: str) -> None:
    assert parameter(value, "boundary") == boundary


def test_ids_and_addresses() -> None:
    assert ids_in("<a@b> (c) <d@e>, <>") == ["a@b", "d@e"]
    assert len(ids_in("<a@b>" * 1_000)) == 50
    assert address_in("Abuse <abuse@host.example>") == "abuse@host.example"
    assert address_in("abuse@host.example (Abuse)") == "abuse@host.example"
    assert address_in("((((((" * 1_000) == "" and address_in("") == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?q?R=C3=A9?= x", "Ré x"),
        ("=?utf-8?b?UsOp?=", "Ré"),
        ("=?zip?b?UsOp?=", "Ré"),
        ("=?utf-8?b?!!!?=", ""),
        ("=?utf-8?q?a=0D=0Ab?=", "a\ufffd\ufffdb"),
    ],
)
def test_encoded_words(value: str, text: str) -> None:
    assert decoded(value) == text


@given(st.text(max_size=200))
def test_any_value_can_be_read(value: str) -> None:
    decoded(value)
    ids_in(value)
    address_in(value)
    parameter(value, "charset")


@pytest.mark.parametrize(
    "charset", ["zip", "rot13", "unicode_escape", "punycode", "idna", "utf-7", "", "x" * 999, "utf-8\0"]
)
def test_codecs_that_are_no_charsets_are_not_used(charset: str) -> None:
    assert in_charset("é \\n".encode(), charset) == "é \\n"


@given(st.binary(max_size=300), st.sampled_from(["base64", "quoted-printable", "7bit", "x-uuencode", ""]))
def test_a_body_that_was_cut_anywhere_can_be_read(raw: bytes, encoding: str) -> None:
    body_of([("content-transfer-encoding", encoding), ("content-type", "text/plain; charset=gb18030")], raw)


def test_bodies() -> None:
    assert body_of([("content-transfer-encoding", "BASE64")], b"QWxs\r\nIGdv\r\nbm") == "All go"
    assert body_of([("content-type", "text/plain; charset=iso-8859-1")], b"\xe9") == "é"
