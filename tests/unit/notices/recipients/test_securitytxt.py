"""notices.recipients.securitytxt: what a site says of itself (RFC 9116)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.recipients.securitytxt import BYTES, VALUES, SecurityText, parse, timestamp

NOW = 1_800_000_000.0
FILE = b"""-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

# comment
Contact: mailto:security@site.example?subject=x
contact: https://site.example/report
CONTACT: abuse@site.example
Expires: 2030-01-01T00:00:00+01:00
Canonical: https://site.example/.well-known/security.txt
Preferred-Languages: en, FR
"""


def test_a_file() -> None:
    assert parse(FILE, NOW) == SecurityText(
        ("security@site.example", "abuse@site.example"), ("https://site.example/report",),
        ("https://site.example/.well-known/security.txt",), ("en", "fr"), 1_893_452_400.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", "it names no contact"),
        (b"Contact: a@b.example", "must say once"),
        (b"Contact: a@b.example\nExpires: 2020-01-01T00:00:00Z", "it has expired"),
        (b"Contact: a@b.example\nExpires: soon", "is none"),
        (b"Contact: a@b.example\nExpires: 2030-01-01T00:00:00Z\nExpires: 2031-01-01T00:00:00Z", "once"),
        (b"#" * (BYTES + 1), "only its first"),
    ],
)
def test_faults(body: bytes, fault: str) -> None:
    assert any(fault in one for one in parse(body, NOW).faults)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1970-01-01T00:00:10Z", 10.0), ("2024-02-29t12:00:00.5z", 1709208000.0), ("2023-02-29T00:00:00Z", 0.0),
        ("2024-13-01T00:00:00Z", 0.0), ("2024-00-01T00:00:00Z", 0.0), ("2024-01-01T24:00:00Z", 0.0), ("2024-01-01", 0.0),
        ("9999-12-31T23:59:60Z", 253402300800.0), ("0000-01-01T00:00:00Z", 0.0), ("\u0662024-01-01T00:00:00Z", 0.0),
    ],
)  # fmt: skip
def test_times(text: str, at: float) -> None:
    assert timestamp(text) == at


@given(st.binary(max_size=300) | st.lists(st.sampled_from([b"Contact: ", b"Expires:", b"\n", b"a@b.example", b"\xff", b"2024-02-30T00:00:00Z"])).map(b"".join))  # fmt: skip
def test_any_bytes(body: bytes) -> None:
    read = parse(body, NOW)
    assert all(one.isprintable() for one in (*read.emails, *read.other, *read.canonical, *read.languages))


def test_a_file_without_end() -> None:
    read = parse(b"Contact: a@b.example\n" * 100_000, NOW)
    assert read.emails == ("a@b.example",)
    assert len(parse(b"Contact: x\n" * 900, NOW).other) == VALUES
