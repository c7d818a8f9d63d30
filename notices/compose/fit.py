"""What may be composed at all, and hostile text made harmless: URLs, types and categories come from the web and from lists."""

import re
import unicodedata
from email.utils import formatdate
from typing import Final

from contracts.errors import UsageError
from contracts.notices import KINDS, Notice, Unfit
from contracts.recipients import CLASSES, PARTNER
from contracts.refusals import Refusal
from contracts.removal import Operator
from contracts.urls import hostname, parse

PLACES: Final = 200
"""Most places of one notice, unless settings say otherwise (domain, 2)."""
TOLD_KINDS: Final = ("csam", "child-exploitative")
"""Kinds of lists about which notices are made; the others serve Shield only (domain, 1)."""
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that are not seen: controls, marks that turn the direction of reading, halves of characters."""
_DEFANGED: Final = {".": "[.]", "@": "[@]", "://": "[:]//"}
_SCHEME: Final = re.compile(r"\b(h)tt(ps?)\b|\b(f)t(ps?)\b", re.IGNORECASE)
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)"
)
_ADDRESS_BYTES: Final = 254
_MESSAGE_ID: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,100}@[A-Za-z0-9.-]{1,100}")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def check(notice: Notice, most: int = PLACES) -> None:
    """Unfit, which says why, for a notice that may not be sent; it names no place."""
    named = f"notice {notice.notice_id}"
    if notice.kind not in KINDS:
        raise Unfit(f"{named}: there is no notice of kind {clean(notice.kind, 40)!r}")
    if not 1 <= len(notice.places) <= most:
        raise Unfit(f"{named} has {len(notice.places)} places, and may have 1 to {most}; split it")
    for kind in {place.kind for place in notice.places}:
        if kind not in TOLD_KINDS:
            raise Unfit(f"{named}: no notice is made about entries of kind {clean(kind, 40)!r}; close these cases")
    if notice.recipient.klass not in (*CLASSES, PARTNER) or notice.recipient.klass == "site-operator":
        raise Unfit(f"{named}: its recipient is of class {clean(notice.recipient.klass, 40)!r}, which is told nothing")
    for message_id in (notice.message_id, notice.in_reply_to):
        if message_id and not _MESSAGE_ID.fullmatch(message_id):
            raise Unfit(f"{named}: a Message-ID of it is none by RFC 5322")
    if not notice.message_id or not notice.idempotency_key.isascii() or not notice.idempotency_key.isprintable():
        raise Unfit(f"{named} has no Message-ID, or no printable idempotency key")


def missing(operator: Operator) -> list[str]:
    """Settings without which nothing is sent: legal name, country, mandate, contact and appeal address (domain, 2)."""
    found = [
        f"operator.{name}"
        for name in ("name", "country", "mandate", "contact", "appeal")
        if not clean(getattr(operator, name)).strip()
    ]
    if "operator.contact" not in found and not domain_of(operator.contact):
        found.append("operator.contact")
    return found


def require(operator: Operator) -> None:
    """UsageError that names what is missing: nothing is sent without it."""
    if unset := missing(operator):
        raise UsageError(f'nothing is sent without {", ".join(unset)}; set them, or notices.sender = "folder"')


def domain_of(address: str) -> str:
    """The domain of an e-mail address (RFC 5321 without quoted and literal forms), or "" if it is none."""
    found = _ADDRESS.fullmatch(address) if len(address) <= _ADDRESS_BYTES else None
    return found.group(1) if found else ""


def clean(text: str, most: int = 1_000) -> str:
    """Text without anything that is not seen or turns the direction of reading, on one line, cut after `most` characters."""
    seen = "".join("\ufffd" if unicodedata.category(one) in _HIDDEN else one for one in text[: most + 1])
    return seen if len(seen) <= most else seen[:most] + "…"


def defanged(text: str, most: int = 400) -> str:
    """Text in which no program finds a link: hxxp, [.] and [:] everywhere, [@]. What is cut off is counted."""
    cut = clean(text[:most], most)
    for plain, harmless in _DEFANGED.items():
        cut = cut.replace(plain, harmless)
    cut = _SCHEME.sub(lambda found: f"{found[1] or found[3]}xx{found[2] or found[4]}", cut)
    return cut if len(text) <= most else f"{cut}[+{len(text) - most}]"


def host_of(url: str) -> str:
    """The host's name or address in a URL, in lower case, without port and brackets; "" if it has none."""
    found = parse(url)
    return "" if isinstance(found, Refusal) else hostname(found.host).strip("[]").lower()


def utc(seconds: float) -> str:
    """Unix seconds as 2023-11-14T22:13:20Z."""
    _, day, month, year, clock, _ = formatdate(int(seconds), usegmt=True).split()
    return f"{year}-{_MONTHS.index(month) + 1:02}-{day}T{clock}Z"
