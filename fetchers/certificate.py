"""What is wrong with a server's certificate, read from its DER form (RFC 5280, 4.1), without checking who signed it.

Certificates of crawled hosts are accepted as they are; this only records the faults that show in the certificate itself.
"""

from calendar import timegm
from ipaddress import ip_address
from typing import Final

from contracts.faults import TlsFault

_SEQUENCE: Final = 0x30
_UTC_TIME: Final = 0x17
_VERSION: Final = 0xA0
_EXTENSIONS: Final = 0xA3
_DNS_NAME: Final = 0x82
_IP_ADDRESS: Final = 0x87
_SUBJECT_ALT_NAME: Final = b"\x06\x03\x55\x1d\x11"
_MAX_NAMES: Final = 2_000
"""Subject alternative names that are looked at; certificates of large CDNs have a few hundred."""


def fault_of(der: bytes, host: str, now: float) -> str:
    """The first fault of a certificate for `host` (a name or an IP address) at `now` in unix seconds, "" if none shows.

    Self-signed (issuer is subject) comes first, since nothing else it says would count; then validity, then the name
    (RFC 9525, 6.3: subjectAltName only, a wildcard only as the whole left-most label).
    """
    try:
        return _fault(der, host.lower().rstrip("."), now)
    except (ValueError, IndexError, OverflowError):
        return TlsFault.UNREADABLE


def _fault(der: bytes, host: str, now: float) -> str:
    certificate = _inside(der, 0, len(der), _SEQUENCE)
    fields = _children(der, *_inside(der, *certificate, _SEQUENCE))
    if fields[0][0] == _VERSION:
        del fields[0]
    _serial, _algorithm, issuer, validity, subject = fields[:5]
    if der[issuer[1] : issuer[2]] == der[subject[1] : subject[2]]:
        return TlsFault.SELF_SIGNED
    before, after = _children(der, validity[1], validity[2])[:2]
    if now > _time(der, *after):
        return TlsFault.EXPIRED
    if now < _time(der, *before):
        return TlsFault.NOT_YET_VALID
    extensions = next((field for field in fields[5:] if field[0] == _EXTENSIONS), None)
    if extensions is None or not _named(der, extensions[1], extensions[2], host):
        return TlsFault.NAME_MISMATCH
    return ""


def _element(der: bytes, at: int, end: int) -> tuple[int, int, int]:
    """(tag, start, stop) of the element at `at` (X.690, 8.1): short, or long definite length of up to four bytes."""
    tag, length, start = der[at], der[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4:
            raise ValueError("length")
        length = int.from_bytes(der[start : start + size], "big")
        start += size
    if start + length > end:
        raise ValueError("beyond its parent")
    return tag, start, start + length


def _children(der: bytes, at: int, end: int) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    while at < end and len(found) < _MAX_NAMES:
        found.append(_element(der, at, end))
        at = found[-1][2]
    return found


def _inside(der: bytes, at: int, end: int, wanted: int) -> tuple[int, int]:
    tag, start, stop = _element(der, at, end)
    if tag != wanted:
        raise ValueError("tag")
    return start, stop


def _time(der: bytes, tag: int, start: int, stop: int) -> float:
    """UTCTime or GeneralizedTime, always to the second and in UTC (RFC 5280, 4.1.2.5)."""
    text = der[start:stop].decode("ascii")
    if tag == _UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    if len(text) != 15 or text[14] != "Z" or not text[:14].isdigit():
        raise ValueError("time")
    numbers = (int(text[:4]), *(int(text[at : at + 2]) for at in range(4, 14, 2)))
    return timegm(numbers)


def _named(der: bytes, at: int, end: int, host: str) -> bool:
    for _tag, start, stop in _children(der, *_inside(der, at, end, _SEQUENCE)):
        if der[start : start + len(_SUBJECT_ALT_NAME)] != _SUBJECT_ALT_NAME:
            continue
        value = _children(der, start, stop)[-1]
        names = _children(der, *_inside(der, value[1], value[2], _SEQUENCE))
        try:
            packed = ip_address(host).packed
        except ValueError:
            wanted = {host.encode("ascii", "replace"), b"*." + host.partition(".")[2].encode("ascii", "replace")}
            return any(tag == _DNS_NAME and der[a:b].lower() in wanted for tag, a, b in names)
        return any(tag == _IP_ADDRESS and der[a:b] == packed for tag, a, b in names)
    return False
