"""What a path looks like with its variable parts blanked, and what in it is a date, a session or a repetition.

Pure functions of one path; `frontier.traps` counts what they find. All are linear in the path, which is hostile.
"""

import re
from functools import lru_cache
from typing import Final

_BLANK: Final = re.compile(
    r"(?<=/)(?:(?=[^/]*[0-9])[^/.]{8,}(?=[./]|$)"  # hashes, ids, dates, numbered titles
    r"|[^/.]*[-_+~,%][^/.]*[-_+~,%][^/.]*"  # titles of three words and more
    r"|[^/.]{24,})"
    r"|[0-9]+"
)
_BLANKABLE: Final = re.compile(r"[-0-9_+~,%]|[^/.]{24}")
_VALUES: Final = re.compile("=[^&]*")
_DIGITS: Final = re.compile(r"\d+")
_WORD: Final = re.compile(r"[^0-9]")

_ESCAPED: Final = re.compile(r"%(2[de]|3[0-9]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])")
"""Escapes of unreserved characters (RFC 3986, 2.3), in lower case."""
_SLASHES: Final = re.compile("//+")
_VARIANT: Final = re.compile(
    r"[?&](?:replytocom|share|print|printable|printer|printview|oldid|diff|tmpl|veaction|redirect_to|return_?(?:to|url))="
    r"|[?&]action=(?:edit|history|print|raw|info|login|reply|share)(?=&|$)|[?&](?:print|printable|share)(?=&|$)",
    re.ASCII | re.IGNORECASE,
)

_YEAR: Final = r"(?<![0-9])([12][0-9]{3})"
_DATE: Final = re.compile(  # 2031-05, 2031/05, 2031/5/9; 20310509 only as a parameter's value, where ids are rare
    rf"(?<=[/=_-]){_YEAR}([-/_])(0[1-9]|1[0-2]|[1-9](?=\2))(?:\2(?:0[1-9]|[12][0-9]|3[01]|[1-9]))?(?![0-9])"
    rf"|[?&](?:[a-z_]{{0,16}}date|day|month|start|end|from|to|time|when|cal|calendar)={_YEAR}-?(0[1-9]|1[0-2])-?(?:[0-3][0-9])?(?![0-9])"
    rf"|[?&](?:year|yr|y|jahr|annee|ano|cal_y|calyear)={_YEAR}(?![0-9])",
    re.ASCII | re.IGNORECASE,
)
_LAST_YEAR: Final = 2199
"""Numbers above are no years, unless something says that this is a calendar."""
_SECONDS_A_YEAR: Final = 365.2425 * 86400
_CALENDAR: Final = re.compile(
    r"calendar|kalender|calendrier|calendario|[/?&=_-](?:cal|agenda|events?|termine|schedule|month|year|day|week)(?![a-z])",
    re.ASCII | re.IGNORECASE,
)
OLDEST_CALENDAR: Final = 1900
"""Calendars before this year are endless ones; archives may be older."""

_SESSION: Final = re.compile(
    r"/\((?:[A-Z]\([a-z0-9]{16,}\))+\)"
    r"|[?&;](?:(?:[a-z_]{0,16}sess(?:ion)?[a-z_]{0,8}|s?sid|cfid|cftoken|zenid|oscsid)=([a-z0-9_,-]{16,})|s=([0-9a-f]{32}))(?=[&;/?]|$)",
    re.ASCII | re.IGNORECASE,
)


def pattern_of(path: str) -> str:
    """A path with digits, ids, dates and titles blanked to `*`, and the names of its parameters in order of the alphabet.

    `/2019/05/some-long-title.html?page=2` is `/*/*/*.html?page`. Extensions stay, plain words stay.
    """
    head, mark, query = path.partition("?")
    shape = _BLANK.sub("*", head) if _BLANKABLE.search(head) else head
    return f"{shape}?{_blanked(names_of(query))}" if query else shape + mark


def names_of(query: str) -> str:
    """The names of a query's parameters, each once, in order of the alphabet, joined by `&`."""
    return _ordered(_VALUES.sub("", query))


@lru_cache(4_096)
def _ordered(names: str) -> str:
    """The same few sets of names hang on most paths of a host."""
    return "&".join(sorted(set(names.split("&"))))


@lru_cache(4_096)
def _blanked(names: str) -> str:
    return _DIGITS.sub("*", names)


def spelling(path: str) -> str:
    """A path as patterns are counted: in lower case, without escapes of what needs none, without doubled slashes."""
    path = path.lower()
    if "%" in path:
        path = _ESCAPED.sub(lambda found: chr(int(found[1], 16)).lower(), path)
    if "//" in path:
        head, mark, query = path.partition("?")
        path = _SLASHES.sub("/", head) + mark + query
    return path


def section_of(path: str) -> str:
    """The largest part of a host that a space may fill: the first segment as a folder, or the path before a query."""
    head, mark, _ = path.partition("?")
    if mark:
        return f"{_BLANK.sub('*', head)}?"
    return f"{_BLANK.sub('*', '/' + first)}/" if "/" in head[1:] and (first := head.split("/", 2)[1]) else "/"


def is_variant(path: str) -> bool:
    """Whether a query asks for another form of a page: to print, to share, to answer, an old version."""
    return "?" in path and _VARIANT.search(path) is not None


def folder_of(path: str) -> str:
    """A coarser pattern: first segment, number of segments. Same for words that `pattern_of` would tell apart."""
    segments = path.partition("?")[0].split("/")
    return f"/{_BLANK.sub('*', '/' + segments[1])[1:]}{'/*' * (len(segments) - 2)}" if len(segments) > 2 else "/*"


def repetition(path: str, times: int) -> str:
    """The run of segments that a path repeats `times` times on end, or a segment that it holds twice as often; or "".

    Numbers, and folders that shard (`/00/00/00`), may be repeated twice as often. So may nothing be escaped three times.
    """
    if "%25252" in path:
        return "escaped over and over"
    head = path.partition("?")[0]
    if "////" in head:
        return "//"
    segments = head.strip("/").split("/")
    count = len(segments)
    if count < times or len(set(segments)) > count - times + 1:
        return ""
    for run in range(1, count // times + 1):
        same = 0
        for at in range(count - run):
            same = same + 1 if segments[at] == segments[at + run] else 0
            if same >= run * (times - 1):
                found = segments[at + run + 1 - run * times :][:run]
                if any(map(_WORD.search, found)) or same >= run * (2 * times - 1):
                    return "/" + "/".join(found)
    for segment in set(segments):
        if segments.count(segment) >= 2 * times and _WORD.search(segment):
            return "/" + segment
    return ""


@lru_cache(16)
def _odd_year(latest: int) -> re.Pattern[str]:
    """Finds whatever may be a year that is not between the oldest and the latest, but for some others: most paths have none."""
    tens = latest // 10 % 10
    return re.compile(rf"1[0-8][0-9][0-9]|20[{tens}-9][0-9]|2[1-9][0-9][0-9]" if latest < 2100 else r"[12][0-9]{3}")


def calendar_date(path: str, latest: float) -> str:
    """The date in a path or query that lies after `latest` (unix seconds), or before any calendar that is of use; or ""."""
    if not _odd_year(int(1970 + latest / _SECONDS_A_YEAR)).search(path):
        return ""
    for found in _DATE.finditer(path):
        year = int(found[1] or found[4] or found[6])
        month = int(found[3] or found[5] or 1)
        late = year - 1970 + (month - 1) / 12 > latest / _SECONDS_A_YEAR
        if (late and year <= _LAST_YEAR) or ((late or year < OLDEST_CALENDAR) and _CALENDAR.search(path)):
            return found[0].lstrip("/?&=_-")
    return ""


def session_of(path: str) -> str:
    """The session identifier in a path, as far as its place or name says that it is one; or ""."""
    found = _SESSION.search(path)
    return (found[1] or found[2] or found[0].lstrip("/")) if found else ""
