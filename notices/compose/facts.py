"""What a notice tells of a place: as lines for people, and exactly for the attachments."""

from collections.abc import Iterator
from typing import Any, Final

from contracts.notices import PAGE, RETRACTION, NoticePlace
from notices.compose.fit import clean, defanged, utc
from notices.compose.wording import Words

PAGES: Final = 20
"""Most pages told of one place; how many more there are is said."""


def match_of(place: NoticePlace) -> str:
    """`exact`, `near`, or `confirmed`: a near match that people have confirmed."""
    if not place.near:
        return "exact"
    return "confirmed" if place.confirmed else "near"


def lines(place: NoticePlace, kind: str, said: Words) -> Iterator[tuple[str, str]]:
    """Label and value of each line about a place, harmless to read and with no link in it. Pages lead where their host is told."""
    label = said.labels
    media = (label["embedded"] if kind == PAGE else label["media"], defanged(place.url))
    pages = [(label["page"], defanged(page)) for page in place.pages[:PAGES]]
    if len(place.pages) > PAGES:
        pages.append((label["more"], str(len(place.pages) - PAGES)))
    yield from (*pages, media) if kind == PAGE else (media, *pages)
    if kind == RETRACTION:
        yield label["sha256"], place.sha256.hex()
        return
    yield label["address"], defanged(place.address, 100) or label["unknown"]
    yield label["first"], _spoken(place.first_seen)
    yield label["last"], _spoken(place.confirmed_at)
    yield label["size"], f"{place.size} {label['bytes']}"
    yield label["type"], defanged(place.media_type, 100) or label["unknown"]
    yield label["sha256"], place.sha256.hex()
    yield label["match"], said.match[match_of(place)]
    graded = f'; {label["graded"]} "{defanged(place.category, 100)}"' if place.category else ""
    yield label["category"], said.about[place.kind] + graded
    yield label["basis"], said.legality.get(place.legality, said.legality["unknown"])


def record(place: NoticePlace) -> dict[str, Any]:
    """A place for machines: exact URLs, times as RFC 3339 in UTC."""
    return {
        "case": place.case_id,
        "url": place.url,
        "pages": list(place.pages[:PAGES]),
        "pages_left_out": max(0, len(place.pages) - PAGES),
        "address": place.address,
        "first_confirmed": utc(place.first_seen),
        "last_confirmed": utc(place.confirmed_at),
        "size": place.size,
        "media_type": clean(place.media_type, 200),
        "sha256": place.sha256.hex(),
        "match": match_of(place),
        "kind": place.kind,
        "category": clean(place.category, 200),
        "legality": place.legality,
    }


def _spoken(seconds: float) -> str:
    return utc(seconds).replace("T", " ").replace("Z", " UTC")
