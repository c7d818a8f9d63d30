"""Faults that show in a certificate. The certificates here are built by hand and signed by nobody."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.faults import TlsFault
from fetchers.certificate import fault_of

NOW = 1_700_000_000.0  # 2023-11-14
OIDS = {"cn": b"\x06\x03\x55\x04\x03", "san": b"\x06\x03\x55\x1d\x11", "ku": b"\x06\x03\x55\x1d\x0f"}


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 128:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def name(text: str) -> bytes:
    return der(0x30, der(0x31, der(0x30, OIDS["cn"], der(0x0C, text.encode()))))


def certificate(
    names: list[str],
    *,
    issuer: str = "An authority",
    subject: str = "h.test",
    before: bytes = b"230101000000Z",
    after: bytes = b"20500101000000Z",
    version: bool = True,
) -> bytes:
    general = []
    for one in names:
        try:
            general.append(der(0x87, ip_address(one).packed))
        except ValueError:
            general.append(der(0x82, one.encode()))
    usage = der(0x30, OIDS["ku"], b"\x01\x01\xff", der(0x04, b"\x03\x02\x05\xa0"))
    alternative = der(0x30, OIDS["san"], der(0x04, der(0x30, *general)))
    return der(
        0x30,
        der(
            0x30,
            der(0xA0, b"\x02\x01\x02") if version else b"",
            b"\x02\x01\x07",
            der(0x30, b"\x06\x03\x2a\x03\x04"),
            name(issuer),
            der(0x30, der(0x17 if len(before) == 13 else 0x18, before), der(0x17 if len(after) == 13 else 0x18, after)),
            name(subject),
            der(0x30, b"\x05\x00"),
            der(0xA3, der(0x30, usage, alternative)) if names else b"",
        ),
        der(0x30, b"\x06\x03\x2a\x03\x04"),
        b"\x03\x01\x00",
    )


# RFC 9525, 6.3: only subjectAltName counts; a wildcard stands for the whole left-most label and for one label only.
@pytest.mark.parametrize(
    ("names", "host", "fault"),
    [
        (["h.test"], "h.test", ""),
        (["H.TEST"], "h.test.", ""),
        (["other.test", "h.test"], "h.test", ""),
        (["*.h.test"], "www.h.test", ""),
        (["*.h.test"], "a.b.h.test", TlsFault.NAME_MISMATCH),
        (["*.h.test"], "h.test", TlsFault.NAME_MISMATCH),
        (["w*.h.test"], "www.h.test", TlsFault.NAME_MISMATCH),
        (["other.test"], "h.test", TlsFault.NAME_MISMATCH),
        (["127.0.0.1"], "127.0.0.1", ""),
        (["::1"], "::1", ""),
        (["127.0.0.2"], "127.0.0.1", TlsFault.NAME_MISMATCH),
        ([], "h.test", TlsFault.NAME_MISMATCH),
    ],
)
def test_names(names: list[str], host: str, fault: str) -> None:
    assert fault_of(certificate(names), host, NOW) == fault
    assert fault_of(certificate(names, version=False), host, NOW) == fault


# RFC 5280, 4.1.2.5: UTCTime of years 50..99 is of the past century.
@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        (b"230101000000Z", b"240101000000Z", ""),
        (b"20230101000000Z", b"20240101000000Z", ""),
        (b"990101000000Z", b"230101000000Z", TlsFault.EXPIRED),
        (b"500101000000Z", b"491231235959Z", ""),
        (b"240101000000Z", b"250101000000Z", TlsFault.NOT_YET_VALID),
        (b"2301010000Z", b"240101000000Z", TlsFault.UNREADABLE),
        (b"23010100000xZ", b"240101000000Z", TlsFault.UNREADABLE),
    ],
)
def test_validity(before: bytes, after: bytes, fault: str) -> None:
    assert fault_of(certificate(["h.test"], before=before, after=after), "h.test", NOW) == fault


def test_self_signed_comes_first() -> None:
    alone = certificate(["other.test"], issuer="h.test", after=b"230101000000Z")
    assert fault_of(alone, "h.test", NOW) == TlsFault.SELF_SIGNED


@given(st.binary(max_size=300))
def test_any_bytes_have_an_answer(data: bytes) -> None:
    assert fault_of(data, "h.test", NOW) in {"", *TlsFault}


@given(st.integers(0, 400), st.binary(min_size=1, max_size=4), st.integers(0, 400))
def test_damaged_certificates_have_an_answer(at: int, damage: bytes, end: int) -> None:
    good = certificate(["h.test", "*.h.test", "127.0.0.1"])
    assert fault_of((good[:at] + damage + good[at + len(damage) :])[: len(good) - end], "h.test", NOW) in {
        "",
        *TlsFault,
    }
