"""Digests by hand against the lists of a vault: exact ones by its index, PDQ by a snapshot of the hashers' index, or by comparing them
with all, block by block."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Final, Protocol

from backends.postgres.vault_scan import PdqBlock
from contracts.desk import EntryView, ListDesk
from contracts.refusals import Refusal
from contracts.vault import EntryFacts
from hasher.index import Index, Reverse
from hasher.known import ECHO, parse

EVERY: Final = 0.2
"""Seconds between two lines of progress."""


class Pdqs(Protocol):
    """Where PDQ come from."""

    def pdqs(self) -> AsyncIterator[PdqBlock]:
        """All of them."""

    async def estimate(self) -> int:
        """How many there are, about."""


class Facts(Protocol):
    """What says whether an entry may match now."""

    async def facts(self, entry_ids: Sequence[int]) -> dict[int, EntryFacts]:
        """Of the few that were hit."""


Found = tuple[int, str, bytes, int]
"""(entry_id, algorithm, the entry's digest, distance)"""
Digests = list[tuple[str, bytes]]


class Nearby(Protocol):
    """What finds entries by PDQ."""

    def near(self, hashes: list[bytes], progress: Callable[[int], None]) -> AsyncIterator[tuple[int, Found]]:
        """(number of the hash, what is near it) of everything that is within the radius."""


class LiveLists:
    """Answers as `hasher.known.KnownList`, with standing, lists and kinds."""

    def __init__(self, desk: ListDesk, facts: Facts, nearby: Nearby) -> None:
        self._desk, self._facts, self._nearby = desk, facts, nearby

    async def answers(self, queries: Sequence[str], progress: Callable[[int], None]) -> list[dict[str, Any]]:
        """One answer a query, in order. `left_out` counts entries that have the digest but may not match now."""
        asked = [parse(query) for query in queries]
        wanted = sorted({part for one in asked if not isinstance(one, Refusal) for part in one})
        found: dict[tuple[str, bytes], list[Found]] = {part: [] for part in wanted}
        views: dict[int, EntryView] = {}
        for algorithm, digest in wanted:
            if algorithm != "pdq":
                for view in await self._desk.resolve(digest.hex()):
                    if (algorithm, digest) in view.digests:
                        views[view.entry_id] = view
                        found[algorithm, digest].append((view.entry_id, algorithm, digest, 0))
        near = [digest for algorithm, digest in wanted if algorithm == "pdq"]
        if near:
            async for number, hit in self._nearby.near(near, progress):
                found["pdq", near[number]].append(hit)
        hit_ids = sorted({hit[0] for hits in found.values() for hit in hits})
        facts = await self._facts.facts(hit_ids)
        for entry_id in hit_ids:
            if entry_id not in views and (entry_id in facts and facts[entry_id].live):
                views.update((view.entry_id, view) for view in await self._desk.resolve(str(entry_id)))
        live = {entry_id: views[entry_id] for entry_id in hit_ids if entry_id in views and facts[entry_id].live}
        return [_answer(query, one, found, live) for query, one in zip(queries, asked, strict=True)]


class Streamed:
    """Compares with everything. `progress` is told how many hashes were compared."""

    def __init__(self, pdqs: Pdqs, radius: int) -> None:
        self._pdqs, self._radius = pdqs, radius

    async def near(self, hashes: list[bytes], progress: Callable[[int], None]) -> AsyncIterator[tuple[int, Found]]:
        """As `Nearby`."""
        reverse = Reverse(b"".join(hashes), range(len(hashes)), self._radius)
        compared = 0
        async for block in self._pdqs.pdqs():
            for at, number, distance in (await asyncio.to_thread(reverse.search, block.hashes)).tolist():
                entry_id = int.from_bytes(block.entry_ids[8 * at : 8 * at + 8])
                yield number, (entry_id, "pdq", block.hashes[32 * at : 32 * at + 32], distance)
            compared += len(block.hashes) // 32
            progress(compared)


class Indexed:
    """Asks an index of all entries that may match; its radius is at least `radius`."""

    def __init__(self, index: Index, radius: int) -> None:
        self._index, self._radius = index, radius

    async def near(self, hashes: list[bytes], progress: Callable[[int], None]) -> AsyncIterator[tuple[int, Found]]:
        """As `Nearby`."""
        for hit in await asyncio.to_thread(self._index.near, hashes):
            if hit.distance <= self._radius:
                yield hit.query, (hit.entry_id, "pdq", hit.digest, hit.distance)


class Once:
    """What `make` gives, made when the first PDQ is asked for: who asks for other digests does not wait for an index."""

    def __init__(self, make: Callable[[], Awaitable[Nearby]]) -> None:
        self._make = make
        self._made: Nearby | None = None

    async def near(self, hashes: list[bytes], progress: Callable[[int], None]) -> AsyncIterator[tuple[int, Found]]:
        """As `Nearby`."""
        if self._made is None:
            self._made = await self._make()
        async for found in self._made.near(hashes, progress):
            yield found


def _answer(
    query: str, asked: Digests | Refusal, found: dict[tuple[str, bytes], list[Found]], live: dict[int, EntryView]
) -> dict[str, Any]:
    if isinstance(asked, Refusal):
        return {"query": query.strip()[:ECHO], "error": str(asked), "matches": []}
    hits = [hit for part in asked for hit in found[part]]
    matches = [_match(live[hit[0]], hit) for hit in hits if hit[0] in live]
    matches.sort(key=lambda match: (match["distance"], match["number"], match["digest"]))
    return {
        "query": query.strip(),
        "algorithm": " or ".join(name for name, _ in asked),
        "matches": matches,
        "left_out": len({hit[0] for hit in hits} - live.keys()),
    }


def _match(view: EntryView, hit: Found) -> dict[str, Any]:
    _, algorithm, digest, distance = hit
    return {
        "algorithm": algorithm,
        "digest": digest.hex(),
        "distance": distance,
        "category": view.category,
        "source": view.name.partition("/")[0],
        "series": view.series_id.hex(),
        "entry": view.name,
        "line": 0,
        "number": view.entry_id,
        "standing": view.standing,
        "lists": view.lists,
        "kinds": view.kinds,
    }


class Comparing:
    """The line of progress, on a terminal only."""

    def __init__(self, total: int) -> None:
        self._total, self._shown, self._at = total, False, time.monotonic()

    def __call__(self, compared: int) -> None:
        """So many hashes were compared."""
        if sys.stderr.isatty() and time.monotonic() - self._at >= EVERY:
            self._at, self._shown = time.monotonic(), True
            sys.stderr.write(f"\rcompared with {compared} of about {max(self._total, compared)} hashes")
            sys.stderr.flush()

    def done(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write("\r" + " " * 60 + "\r")
