"""HTTP header fields that say what a body is and where it leads: Content-Type, Link, X-Robots-Tag, Retry-After.

Every function takes whatever a server sent and returns a value; malformed parts count as absent.
"""

import re
from calendar import timegm
from collections.abc import Iterable
from typing import Final, NamedTuple

from msgspec import Struct

MAX_LINK_VALUES: Final = 1000
"""Most links read of all Link headers of one response."""

_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_OWS: Final = re.compile(r"[ \t]*+")
_LINES: Final = re.compile(r"[\r\n\0]+")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*+)(?:"|\\?$)', re.DOTALL)
_PAIR: Final = re.compile(r"\\(.)", re.DOTALL)


class ContentType(NamedTuple):
    """Essence in lower case (`text/html`; empty if none is valid) and charset label as sent (empty if none)."""

    media_type: str
    charset: str


def content_type(value: str) -> ContentType:
    """Media type and charset of a Content-Type field (WHATWG Fetch, "extract a MIME type").

    Of a list (several header lines) the last valid type counts; it inherits the charset of an equal one before it.
    """
    if "," not in value and '"' not in value:
        return _one_type(value)
    best, charset = "", ""
    for part in _split(value, ","):
        found = _one_type(part)
        if not found.media_type or found.media_type == "*/*":
            continue
        charset = found.charset or (charset if found.media_type == best else "")
        best = found.media_type
    return ContentType(best, charset)


def _one_type(value: str) -> ContentType:
    essence, _, rest = value.partition(";")
    essence = essence.strip(" \t\r\n").lower()
    kind, slash, subtype = essence.partition("/")
    if not (slash and _TOKEN.fullmatch(kind) and _TOKEN.fullmatch(subtype)):
        return ContentType("", "")
    if rest:
        for part in _split(rest, ";"):
            name, _, text = part.partition("=")
            if name.strip(" \t\r\n").lower() == "charset":
                if quoted := _QUOTED.match(text.lstrip(" \t")):
                    return ContentType(essence, _PAIR.sub(r"\1", quoted[1]))
                return ContentType(essence, text.strip(" \t\r\n"))
    return ContentType(essence, "")


def _split(value: str, mark: str) -> list[str]:
    """Parts between marks that are outside quoted strings (RFC 9110, 5.6.4). Linear."""
    if '"' not in value:
        return value.split(mark)
    return re.findall(rf'(?:[^{mark}"]++|"(?:[^"\\]|\\.)*+(?:"|\\?$))++', value, re.DOTALL)


class Robots(NamedTuple):
    """What a page asks of robots by X-Robots-Tag or `<meta name=robots>`."""

    noindex: bool = False
    nofollow: bool = False


_VALUED: Final = frozenset(
    ("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview", "noimageindex", "notranslate")
)


def robots_directives(content: str) -> Robots:
    """Directives of `<meta name=robots content=...>`: comma-separated, any case; `none` means both."""
    words = {word.strip(" \t\r\n\f") for word in content.lower().replace(";", ",").split(",")}
    none = "none" in words
    return Robots(none or "noindex" in words, none or "nofollow" in words)


def robots_tag(values: Iterable[str], agent: str) -> Robots:
    """X-Robots-Tag fields as they concern `agent` (a product token in lower case): those for all, and those for it.

    A name before a colon holds for the directives after it, up to the next name or the end of the line, as search
    engines document it; the negative directives of both groups add up.
    """
    mine: list[str] = []
    for value in values:
        whom = ""
        for part in value.lower().split(","):
            name, colon, rest = part.partition(":")
            if colon and (name := name.strip(" \t")) not in _VALUED and _TOKEN.fullmatch(name):
                whom, part = name, rest
            if whom in ("", "*", agent):
                mine.append(part)
    return robots_directives(",".join(mine))


_MONTHS: Final = {
    m: i for i, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_DATE: Final = re.compile(
    r"(?:[a-z]{3,9},?\s+)?(\d{1,2})[ -]([a-z]{3})[a-z]*[ -](\d{4}|\d{2})\s+(\d{1,2}):(\d{2}):(\d{2})(?:\s+(.*))?"
)
_ASCTIME: Final = re.compile(r"[a-z]{3}\s+([a-z]{3})\s+(\d{1,2})\s+(\d{1,2}):(\d{2}):(\d{2})\s+(\d{4})")
_OFFSET: Final = re.compile(r"([+-])(\d{2}):?(\d{2})")
_SECONDS: Final = re.compile(r"(\d{1,18})(?:\.\d{0,9})?")
_YEAR: Final = 31_556_952
MAX_RETRY_SECONDS: Final = 100.0 * _YEAR
"""Longest delay that is told apart; the settings cap it further."""


def retry_after(value: str, now: float) -> float:
    """Absolute unix time that a Retry-After field asks for, given `now`; 0.0 if it is absent or malformed.

    Delay in seconds or a date in any of the three HTTP formats (RFC 9110, 10.2.3 and 5.6.7); never before `now`.
    """
    text = value.strip(" \t\r\n").lower()
    if not text or len(text) > 64:
        return now + MAX_RETRY_SECONDS if text.isascii() and text.isdigit() else 0.0
    if found := _SECONDS.fullmatch(text):
        return now + min(float(found[0]), MAX_RETRY_SECONDS) if found[0].isascii() else 0.0
    date = http_date(text, now)
    return 0.0 if date is None else min(max(date, now), now + MAX_RETRY_SECONDS)


def http_date(value: str, now: float) -> float | None:
    """Unix time of an HTTP date (RFC 9110, 5.6.7), None if it is none.

    A year of two digits that would be more than 50 years after `now` is one of the past century.
    """
    text = value.strip(" \t\r\n").lower()
    if not text.isascii() or len(text) > 64:
        return None
    zone = ""
    if found := _DATE.fullmatch(text):
        day, month, year, hour, minute, second = found.group(1, 2, 3, 4, 5, 6)
        zone = (found[7] or "").strip()
    elif found := _ASCTIME.fullmatch(text):
        month, day, hour, minute, second, year = found.groups()
    else:
        return None
    number = _MONTHS.get(month, 0)
    if not (number and 1 <= int(day) <= 31 and int(hour) < 24 and int(minute) < 60 and int(second) <= 60):
        return None
    shift = 0
    if offset := _OFFSET.fullmatch(zone):
        shift = (int(offset[2]) * 3600 + int(offset[3]) * 60) * (-1 if offset[1] == "-" else 1)
    elif zone not in ("", "gmt", "utc", "z", "ut"):
        return None
    years = int(year)
    if len(year) == 2:
        this = 1970 + int(now // _YEAR)
        years += this - this % 100
        if years > this + 50:
            years -= 100
    return float(timegm((years, number, int(day), int(hour), int(minute), int(second))) - shift)


class LinkValue(Struct, frozen=True):
    """One link of a Link field. `rel` as sent (relation types apart by blanks), `params` by lower-case name, first wins."""

    target: str
    rel: str
    params: dict[str, str]


def link_values(values: Iterable[str]) -> list[LinkValue]:
    """Links of all Link fields of a response (RFC 8288, appendix B.2); what follows a malformed part is dropped."""
    links: list[LinkValue] = []
    for value in values:
        _links_of(_LINES.sub(" ", value), links)
    return links


def _links_of(value: str, links: list[LinkValue]) -> None:
    end = len(value)
    at = 0
    while len(links) < MAX_LINK_VALUES:
        while at < end and value[at] in " \t,":
            at += 1
        if at >= end or value[at] != "<":
            return
        close = value.find(">", at)
        if close < 0:
            return
        target = value[at + 1 : close]
        params, at = _parameters(value, close + 1)
        links.append(LinkValue(target, params.get("rel", ""), params))
        if at < end and value[at] != ",":
            return


def _parameters(value: str, at: int) -> tuple[dict[str, str], int]:
    """Parameters of a link and where they end (RFC 8288, appendix B.3)."""
    params: dict[str, str] = {}
    end = len(value)
    while True:
        at = _skip(value, at)
        if at >= end or value[at] != ";":
            return params, at
        start = at = _skip(value, at + 1)
        while at < end and value[at] not in " \t=;,":
            at += 1
        name = value[start:at].lower()
        at = _skip(value, at)
        text = ""
        if at < end and value[at] == "=":
            at = _skip(value, at + 1)
            if quoted := _QUOTED.match(value, at):
                text = _PAIR.sub(r"\1", quoted[1])
                at = quoted.end()
            else:
                start = at
                while at < end and value[at] not in ";,":
                    at += 1
                text = value[start:at].rstrip(" \t")
        if name:
            params.setdefault(name, text)


def _skip(value: str, at: int) -> int:
    found = _OWS.match(value, at)
    return found.end() if found else at
