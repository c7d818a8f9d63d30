"""Answers of NCMEC's hash-sharing API v2. `following` is the path of the next page, `until` the `maxTimestamp`."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from hasher.lists import ListEntry

NAMESPACE = "https://hashsharing.ncmec.org/hashsharing/v2"
OPAQUE = {"photodna": "pdna", "tmk-pdqf": "tmk-pdqf"}


def page(entries: Sequence[ListEntry], *, following: str = "", until: str = "2026-01-02T03:04:05Z") -> bytes:
    """An answer to `GET /v2/entries`. Members are `ncmec:NUMBER`; media is a picture unless it is said to be a video."""
    parts = [f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<queryResult xmlns="{NAMESPACE}">']
    for media in ("image", "video"):
        of_it = [entry for entry in entries if (entry.media == "video") == (media == "video")]
        if of_it:
            parts.append(f'<{media}s count="{len(of_it)}" maxTimestamp={quoteattr(until)}>')
            parts += [record(entry, media, until) for entry in of_it]
            parts.append(f"</{media}s>")
    if following:
        parts.append(f"<paging><next>{escape(following)}</next></paging>")
    return "\n".join([*parts, "</queryResult>"]).encode()


def record(entry: ListEntry, media: str, timestamp: str) -> str:
    """One entry, or its tombstone."""
    member = entry.member.removeprefix("ncmec:")
    name = f"deleted{media.capitalize()}" if entry.deleted else media
    parts = [
        f"<{name}><member id={quoteattr(member)}>Member {escape(member)}</member>",
        f"<timestamp>{escape(timestamp)}</timestamp><id>{escape(entry.member_entry_id)}</id>",
    ]
    if entry.category:
        parts.append(f"<classification>{escape(entry.category)}</classification>")
    if entry.digests or entry.opaque:
        parts.append("<fingerprints>")
        parts += [f"<{algorithm}>{digest.hex()}</{algorithm}>" for algorithm, digest in entry.digests]
        parts += [f"<{OPAQUE[kind]}>{value.hex()}</{OPAQUE[kind]}>" for kind, value in entry.opaque]
        parts.append("</fingerprints>")
    if entry.opinions:
        parts.append(f"<feedback lastUpdateTimestamp={quoteattr(timestamp)}>")
        for opinion in entry.opinions:
            number = quoteattr(opinion.organisation.removeprefix("ncmec:"))
            members = f"<members timestamp={quoteattr(timestamp)}><member id={number}>Somebody</member></members>"
            if opinion.verdict == "confirm":
                parts.append(f'<affirmativeFeedback type="Md5">{members}</affirmativeFeedback>')
            else:
                why = f'<reason guid="0" name={quoteattr(opinion.why)} type="Md5"/>'
                parts.append(f'<negativeFeedback type="Md5"><reasons>{why}{members}</reasons></negativeFeedback>')
        parts.append("</feedback>")
    return "".join([*parts, f"</{name}>"])
