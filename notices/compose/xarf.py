"""Reports for machines: XARF 4, category `content`, type `csam` (https://xarf.org, schema 4.2.0).

A report is made only if its class follows from the fields of the place (domain, 2): child sexual abuse material, exact or confirmed
by people, and graded by the list in the words that the schema has (`baseline`; A1 to B2 of the industry's classification). None for
whoever does not host the media: a machine would pass it on to the customer, or take a page for the media.
"""

from hashlib import sha256
from typing import Any, Final

from contracts.notices import FIRST, PARTNER, REMINDER, Notice, NoticePlace
from contracts.removal import Operator
from notices.compose.facts import match_of
from notices.compose.fit import clean, domain_of, host_of, utc

VERSION: Final = "4.2.0"
KINDS: Final = (FIRST, REMINDER, PARTNER)
CLASSES: Final = ("A1", "A2", "B1", "B2")
_DETECTION: Final = {"exact": "hash_match", "confirmed": "manual_review"}
_NAME: Final = 200
"""Longest name of an organisation that the schema allows."""


def class_of(place: NoticePlace) -> str:
    """The schema's `classification`, or "" where none follows from what is known."""
    if place.kind != "csam" or match_of(place) not in _DETECTION:
        return ""
    if place.category in CLASSES:
        return place.category
    return "baseline" if place.legality == "baseline" else ""


def report(notice: Notice, place: NoticePlace, operator: Operator) -> dict[str, Any] | None:
    """The report about one place of a notice, the same each time; None if none may be made."""
    named = class_of(place)
    domain = domain_of(operator.contact)
    if not named or notice.kind not in KINDS or not domain or not clean(operator.name).strip():
        return None
    organisation = {"org": clean(operator.name, _NAME - 1), "contact": operator.contact, "domain": domain}
    found = {
        "xarf_version": VERSION,
        "report_id": _number(notice.message_id, place.case_id),
        "timestamp": utc(place.confirmed_at),
        "reporter": organisation,
        "sender": organisation,
        "source_identifier": place.address or host_of(place.url),
        "category": "content",
        "type": "csam",
        "evidence_source": "crawler",
        "url": place.url,
        "verified_at": utc(place.confirmed_at),
        "verification_method": "automated_crawler",
        "classification": named,
        "detection_method": _DETECTION[match_of(place)],
        "hash_values": {"sha256": place.sha256.hex()},
    }
    media = place.media_type.partition("/")[0]
    return found | {"media_type": media} if media in ("image", "video") else found


def _number(message_id: str, case_id: int) -> str:
    """A UUID (RFC 9562) with the marks of version 4 whose bits follow from the notice and the case: a resend has the same."""
    bits = bytearray(sha256(f"{message_id} {case_id}".encode()).digest()[:16])
    bits[6], bits[8] = bits[6] & 0x0F | 0x40, bits[8] & 0x3F | 0x80
    text = bits.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
