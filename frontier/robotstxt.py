"""Reads a robots.txt and says what it allows, with the line that decides (RFC 9309).

Never raises on any bytes. Where the RFC leaves room we read as Google's published parser does, because that is what
site owners test against: the colon may be missing between exactly two words, common misspellings of Disallow and
User-agent count, a byte order mark is skipped, lines are cut after 16,664 octets. Unlike it we do not let
`index.html` stand for its folder, nor take keys by their beginning only.
"""

import re
from typing import Final

from msgspec import Struct

from frontier.pathrules import PathRules
from frontier.patterns import spell_path

MAX_OCTETS: Final = 500 * 1024
"""Octets that are read; the RFC demands at least 500 KiB (2.5)."""
MAX_SITEMAPS: Final = 5_000
_LINE_CHARS: Final = 300

_RECORD: Final = re.compile(
    r"^[ \t\v\f]*(user[- ]?agent|allow|d(?:is{1,2}al{1,2}ow|iasllow|isallaw)|site-?maps?|crawl-?delay)"
    r"(?:[ \t]*:|[ \t]+(?=[^\s:#]+[ \t\v\f]*(?:#|$)))[ \t\v\f]*([^\n#]{0,16664})",
    re.ASCII | re.IGNORECASE | re.MULTILINE,
)
_TOKEN: Final = re.compile(r"[A-Za-z_-]*")
_EVERYONE: Final = re.compile(r"\*(?:\s|$)")
_SECONDS: Final = re.compile(
    r"(\d{1,300}(?:\.\d{0,100})?|\.\d{1,100})\s*(?:s|secs?|seconds?)?\Z", re.ASCII | re.IGNORECASE
)


class RobotsVerdict(Struct, frozen=True):
    """Allowed or not, and the line that decided: its number (from 1; 0 if none did) and text (at most 300 characters).

    `assumed`: the file is too hostile to try all of its wildcards, so the line was taken to match (`PathRules.decide`).
    """

    allowed: bool
    line_number: int = 0
    line: str = ""
    why: str = ""
    assumed: bool = False


class Robots:
    """The rules of one robots.txt for one product token. Immutable, picklable.

    `group` is the product token, `*` or empty: whose group applies. `crawl_delay` is in seconds, `crawl_delay_at` its
    place in the file. `sitemaps` are as written, and may be relative. `weight` estimates the octets of memory it holds.
    """

    __slots__ = ("_rules", "_text", "crawl_delay", "crawl_delay_at", "group", "sitemaps", "weight")

    def __init__(
        self,
        text: str,
        group: str,
        rules: PathRules,
        crawl_delay: float | None,
        crawl_delay_at: int,
        sitemaps: list[str],
    ) -> None:
        self._text = text
        self._rules = rules
        self.group = group
        self.crawl_delay = crawl_delay
        self.crawl_delay_at = crawl_delay_at
        self.sitemaps = sitemaps
        self.weight = len(text) + 300 * rules.count + 150 * len(sitemaps) + 500

    def allows(self, path: str) -> bool:
        """Whether path and query may be fetched; `verdict` tells why. At most 20 ms for any file, some us for most."""
        mark, _ = self._rules.decide(spell_path(path))
        return mark < 0 or bool(mark & 1) or path == "/robots.txt"

    def verdict(self, path: str) -> RobotsVerdict:
        """Whether path and query may be fetched, and the line that decides (2.2.2)."""
        if path == "/robots.txt":
            return RobotsVerdict(True, why="robots.txt itself is always allowed")
        mark, assumed = self._rules.decide(spell_path(path))
        if mark < 0:
            return RobotsVerdict(
                True, why=f"no rule for {self.group} matches" if self.group else "no group names us or *"
            )
        number, line = self.line_at(mark >> 1)
        if assumed:
            why = "the wildcards before this line cost too much to try; it is assumed to match"
        else:
            why = f"longest match in the group of {self.group}"
        return RobotsVerdict(bool(mark & 1), number, line, why, assumed)

    def line_at(self, place: int) -> tuple[int, str]:
        """Number (from 1) and text of the line that holds this place of the file."""
        end = self._text.find("\n", place)
        raw = self._text[place : end if end >= 0 else None][: 4 * _LINE_CHARS]
        line = raw.encode("latin-1").decode("utf-8", "replace").strip()
        return self._text.count("\n", 0, place) + 1, line[:_LINE_CHARS]


def product_token(agent: str) -> str:
    """The product token that a User-Agent header or a user-agent line begins with: letters, `_` and `-` (2.2.1)."""
    match = _TOKEN.match(agent.lstrip())
    return match[0] if match else ""


def parse(body: bytes, token: str, cut: bool = False) -> Robots:
    """The rules of `body` for a product token. `cut` says that octets are missing at its end, as does its length.

    Groups that name the token are merged; without any, those that name `*` are; rules before the first group are
    ignored (2.2.1, 2.2.2). Only Allow and Disallow end a list of user-agent lines (2.2.4). A Crawl-delay counts for the
    agents named so far in its group; of several the longest is obeyed.
    """
    text = _text(body, cut)
    us = product_token(token).lower()
    ours: list[tuple[str, bool, int]] = []
    anyones: list[tuple[str, bool, int]] = []
    delays: dict[str, tuple[float, int]] = {}
    sitemaps: list[str] = []
    named = anyone = for_us = for_anyone = in_rules = False
    for record in _RECORD.finditer(text):
        key, value = record.groups()
        letter = key[0]
        if letter in "aAdD":
            in_rules = True
            if (for_us or for_anyone) and (value := value.rstrip()):
                (ours if for_us else anyones).append((value, letter in "aA", record.start(1)))
        elif letter in "uU":
            if in_rules:
                for_us = for_anyone = in_rules = False
            if _EVERYONE.match(value):
                for_anyone = anyone = True
            elif us and product_token(value).lower() == us:
                for_us = named = True
        elif letter in "cC":
            if match := _SECONDS.match(value.rstrip()):
                delay = (float(match[1]), -record.start(1))
                for who, applies in (("us", for_us), ("*", for_anyone)):
                    if applies:
                        delays[who] = max(delay, delays.get(who, delay))
        elif len(sitemaps) < MAX_SITEMAPS and (value := value.rstrip()):
            sitemaps.append(value.encode("latin-1").decode("utf-8", "replace"))
    group = product_token(token) if named else "*" if anyone else ""
    delay_at = delays.get("us" if named else "*")
    return Robots(
        text,
        group,
        PathRules(ours if named else anyones),
        delay_at[0] if delay_at else None,
        -delay_at[1] if delay_at else 0,
        sitemaps,
    )


def _text(body: bytes, cut: bool) -> str:
    """One character per octet, lines ended by `\\n`; without byte order mark, without a line that was cut."""
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):  # encoding mismatches may be bridged (2.2.2)
        body = body[: MAX_OCTETS * 2].decode("utf-16", "replace").encode("utf-8", "replace")
    cut = cut or len(body) >= MAX_OCTETS  # who reads no more than the limit cannot tell
    text = body[:MAX_OCTETS].decode("latin-1").removeprefix("\xef\xbb\xbf").replace("\r\n", "\n").replace("\r", "\n")
    return text[: text.rfind("\n") + 1] if cut else text
