"""What a site says of itself in security.txt (RFC 9116): evidence for people, and no recipient by itself.

"Site operators (security.txt too) get nothing unless the overrides name the platform" (docs/domain.md, section 2). It is parsed where
somebody gives it; it is never fetched from the reported site. To ask for `/.well-known/security.txt` there would tell the site
that it is being looked at, and would be a request beside the crawl, past robots.txt, politeness and the address guard.
"""

import re
from calendar import monthrange, timegm
from typing import Final

from msgspec import Struct

from notices.recipients.emails import email
from notices.recipients.jcard import words

BYTES: Final = 32 * 1024
LINES: Final = 1000
VALUES: Final = 50
"""Most of a file that is read, and of one field that is kept."""
_FIELD: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*)")
_TIME: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)


class SecurityText(Struct, frozen=True):
    """What was read. `emails` are in the order in which they are preferred (2.5.3); `other` are further contacts as text.
    `expires` are unix seconds, 0.0 if it does not say; `faults` says what the standard does not allow."""

    emails: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    canonical: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    expires: float = 0.0
    faults: tuple[str, ...] = ()


def parse(body: bytes, now: float) -> SecurityText:
    """The fields of a file. Never raises: what cannot be read is among the faults."""
    faults = [f"only its first {BYTES} bytes were read"] if len(body) > BYTES else []
    fields: dict[str, list[str]] = {}
    for line in body[:BYTES].decode("utf-8", "replace").splitlines()[:LINES]:
        found = _FIELD.fullmatch(line.strip())
        if found is not None:
            fields.setdefault(found[1].lower(), []).append(words(found[2]))
    contacts = [value for value in fields.get("contact", ())[:VALUES] if value]
    emails = [email(_address(value)) for value in contacts]
    if not contacts:
        faults.append("it names no contact")
    expires = _expires(fields.get("expires", []), now, faults)
    languages = ",".join(fields.get("preferred-languages", ())[:1]).split(",")
    return SecurityText(
        tuple(dict.fromkeys(one for one in emails if one)),
        tuple(value for value, address in zip(contacts, emails, strict=True) if not address),
        tuple(fields.get("canonical", ())[:VALUES]),
        tuple(one.strip().lower() for one in languages[:VALUES] if one.strip()),
        expires,
        tuple(faults),
    )


def _address(value: str) -> str:
    return value[7:].partition("?")[0] if value[:7].lower() == "mailto:" else value


def _expires(values: list[str], now: float, faults: list[str]) -> float:
    if len(values) != 1:
        faults.append("it must say once when it expires")
    at = timestamp(values[0]) if values else 0.0
    if values and not at:
        faults.append("its date of expiry is none")
    elif at and at < now:
        faults.append("it has expired")
    return at


def timestamp(text: str) -> float:
    """Unix seconds of a time as RFC 3339 has it; 0.0 for what is none."""
    found = _TIME.fullmatch(text)
    if found is None:
        return 0.0
    year, month, day, hour, minute, second = (int(found[n]) for n in range(1, 7))
    if not (year >= 1970 and 1 <= month <= 12 and hour < 24 and minute < 60 and second <= 60):
        return 0.0
    if not 1 <= day <= monthrange(year, month)[1]:
        return 0.0
    apart = (int(found[8]) * 3600 + int(found[9]) * 60) * (-1 if found[7] == "-" else 1) if found[7] else 0
    return max(0.0, float(timegm((year, month, day, hour, minute, second)) - apart))
