"""Matches to cases: "a case is one (media URL, media identity); all matching entries are its evidence" (docs/domain.md, section 2).

What a match says of an entry is old by the time it is read, so evidence is what the vault says now. A match of a place that was
looked at again is evidence like any other.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from contracts.caserows import Locked, NewCase, Pair
from contracts.cases import Case, CaseState
from contracts.errors import Corrupt
from contracts.location import opened_place
from contracts.messages import Match
from contracts.ports import Clock
from contracts.refusals import Refusal
from contracts.seal import Opener
from contracts.sites import site_of
from contracts.urls import Url, parse
from notices import events
from notices.counting import blind
from notices.evidence import leading
from notices.service.steps import Cases, Happens


class Opened(Struct, frozen=True):
    """A match whose place was opened. The address is that of its server, or empty."""

    match: Match
    url: Url
    address: str

    @property
    def pair(self) -> Pair:
        """What tells its case apart."""
        return self.match.place, self.match.sha256


def opened(match: Match, opener: Opener) -> Opened | Corrupt:
    """A match with its place; the error if that cannot be opened or is no URL."""
    try:
        text, address = opened_place(opener.open(match.sealed))
    except Corrupt as error:
        return error
    url = parse(text)
    return (
        Corrupt("what was sealed as its place is no URL") if isinstance(url, Refusal) else Opened(match, url, address)
    )


class Pages(Protocol):
    """Which pages embed media."""

    async def pages_of(self, urls: Sequence[Url]) -> Mapping[str, Sequence[str]]:
        """Up to 8 URLs of pages by the media's URL; media without any are missing. Unavailable if nobody can be asked now."""


class NoPages:
    """Where the crawl's database is not ours to read."""

    async def pages_of(self, urls: Sequence[Url]) -> Mapping[str, Sequence[str]]:
        """None."""
        return {}


class Matching:
    """Opens cases and extends them."""

    def __init__(self, cases: Cases, pages: Pages, clock: Clock, place_key: bytes) -> None:
        self._cases, self._pages, self._clock, self._key = cases, pages, clock, place_key

    async def handle(self, matches: Sequence[Opened]) -> int:
        """Open or extend the cases of these matches, in one transaction; how many are new. May be repeated."""
        by_pair: dict[Pair, list[Opened]] = {}
        for one in matches:
            by_pair.setdefault(one.pair, []).append(one)
        if not by_pair:
            return 0
        async with self._cases.vault.work() as work:
            known = await work.numbers(sorted(by_pair))
        pages = await self._pages.pages_of([those[0].url for pair, those in by_pair.items() if pair not in known])
        now = self._clock()
        async with self._cases.vault.work() as work:
            evidence = await work.evidence(sorted({sha256 for _, sha256 in by_pair}))
            wanted = {pair: those for pair, those in by_pair.items() if pair in known or leading(evidence[pair[1]])}
            found = await work.open(
                [self._new(those[0], pages, now) for pair, those in wanted.items() if pair not in known]
            )
            numbers = known | found
            moved = await work.moves_to(sorted({place for place, _ in numbers}))
            locked = await work.lock([*numbers.values(), *(n for olds in moved.values() for n in olds)])
            await work.moved(moved)
            happens: dict[int, Happens] = {}
            for pair, number in numbers.items():
                if number in locked:
                    seen = [one.match.seen_at for one in by_pair[pair]]
                    event: events.Event = events.Matched(evidence[pair[1]], max(seen))
                    if not locked[number].version:
                        event = events.Opened(evidence[pair[1]], min(seen))
                    happens[number] = Happens((event,))
            happens |= _succeeded(numbers, moved, locked, now)
            await work.explained(
                [(number, one.entry_id) for pair, number in numbers.items() for one in evidence[pair[1]]], now
            )
            await self._cases.step(work, locked, happens, now)
        self._cases.done["opened"] += len(found)
        return len(found)

    def _new(self, one: Opened, pages: Mapping[str, Sequence[str]], now: float) -> NewCase:
        wrapped, sealed = self._cases.keys.new(one.url.text, one.address, pages.get(one.url.text, ()))
        case = Case(0, one.match.place, one.match.sha256, CaseState.FOUND, now)
        host = one.url.host
        return NewCase(case, blind(self._key, "site", site_of(host)), blind(self._key, "host", host), wrapped, sealed)


def _succeeded(
    numbers: Mapping[Pair, int], moved: Mapping[bytes, Sequence[int]], locked: Mapping[int, Locked], now: float
) -> dict[int, Happens]:
    """Cases whose media moved to a place that has a case by now."""
    found: dict[int, Happens] = {}
    for (place, _), number in numbers.items():
        for old in moved.get(place, ()):
            if old in locked and old != number and old not in numbers.values():
                found[old] = Happens((events.Succeeded(number, now),))
    return found
