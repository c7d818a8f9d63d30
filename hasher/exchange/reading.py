"""The machine: how far a source is read, what to ask it next, and what to keep. An answer in, the next state out.

`since` moves only when a range was read to its end, and never past what the source's own clock had reached when the range was
begun, less an overlap: whatever arrives late, with a time stamp that was read already, is read again. A token serves the range it
was given for and no other; when the source says it is worn out, the range is read again from its start, and a shorter one
after that. So records come at least once, and the vault does not mind.

Whatever a source does, this ends: a token that comes back, pages without records, too many pages or passes are counted, and
an error says which it was.
"""

from hashlib import blake2b
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from contracts.errors import Corrupt, Unavailable
from hasher.exchange import cursor as cursors
from hasher.exchange.cursor import Cursor
from hasher.exchange.protocol import Protocol

OVERLAP: Final = 600
"""Seconds before the end of a range in which records may still arrive: the next range has them too."""
SHORTEST: Final = 2
"""Seconds of the shortest range; the next one begins a second before its end, whichever ends the source counts in."""
CUT: Final = 4
"""Into how many parts a range is cut that cannot be read as a whole."""
PAGES: Final = 100_000
"""Most pages of a pass."""
BLANK: Final = 100
"""Most pages without a record, one after the other."""
PASSES: Final = 4
"""Most passes over a range before a shorter one is tried."""
RESTARTS: Final = 3
"""Most times that a range is begun anew for a worn-out token, or a loop, where it cannot be made shorter."""
LOOPS: Final = 2
"""Most loops met in one sync."""
TORN: Final = 100
"""Most ranges that are kept to be asked for again because nobody could read them."""


class Reading(Struct, frozen=True):
    """How far a sync is. `kept` is what is to be stored with the next page; the rest is forgotten if the process ends.

    `goal`: up to where this sync reads. `torn`: ranges of earlier syncs still to be asked for again; `redo`: this range is one
    of them. `resumed`: this range was begun by an earlier sync, so that more may have arrived in its last seconds. `size`:
    which of the protocol's sizes is asked for. `mark` and `marked` are for finding loops (Brent's algorithm), `passes`,
    `restarts`, `loops` and `blank` are counted towards their bounds.
    """

    protocol: Protocol
    root: str
    kept: Cursor
    goal: int
    torn: tuple[tuple[int, int], ...] = ()
    next_start: int = 0
    redo: bool = False
    resumed: bool = False
    done: bool = False
    size: int = 0
    mark: bytes = b""
    marked: int = 1
    passes: int = 1
    restarts: int = 0
    loops: int = 0
    blank: int = 0


def begin(protocol: Protocol, location: str, saved: bytes, now: float) -> Reading:
    """Go on from what was kept. `now` is this machine's clock. UsageError if the location is none."""
    root = protocol.root(location)
    kept = cursors.from_bytes(saved, root, Cursor)
    goal = max(int(now), kept.since + SHORTEST)
    reading = Reading(protocol, root, kept, goal, kept.torn, kept.since)
    here = (kept.start, kept.until)
    # A range that begins after `since` was near its own present: what is before it may have got late records meanwhile.
    if kept.until and (kept.token or kept.before >= 0) and (kept.start <= kept.since or here in kept.torn):
        rest = tuple(pair for pair in kept.torn if pair != here)
        return replace(reading, torn=rest, redo=here in kept.torn, resumed=True)
    return _open(reading)


def request(reading: Reading) -> str:
    """The URL to ask for. It holds no credential."""
    kept, protocol = reading.kept, reading.protocol
    return protocol.ask(reading.root, kept.start, kept.until, kept.token, protocol.sizes[reading.size])


def saved(reading: Reading) -> bytes:
    """What is to be stored in the transaction of the page that led here."""
    return cursors.to_bytes(reading.kept)


def forgotten(reading: Reading) -> int:
    """Seconds since the last complete reading if the source has forgotten deletions meanwhile; else 0."""
    age = reading.goal - reading.kept.since
    return age if reading.kept.since and 0 < reading.protocol.forgets < age else 0


def took(reading: Reading, following: str, until: int, records: int, date: float) -> Reading:
    """A page was read: `following` leads to the next one (empty: the range is drained), `until` is the source's word for how far
    it goes (0: none), `date` its clock when it answered (0: it did not say). Corrupt if the link leads astray."""
    kept = reading.kept
    token = reading.protocol.token(reading.root, following) if following else ""
    if date:
        reading = replace(reading, goal=min(reading.goal, int(date)))
    if kept.pages == 0:
        reach = min(kept.until - 1, reading.goal - OVERLAP)
        kept = replace(kept, reach=reach if kept.before < 0 else min(kept.reach, reach))
    kept = replace(kept, pages=kept.pages + 1, records=kept.records + records)
    reading = replace(reading, kept=kept, blank=0 if records else reading.blank + 1, size=0)
    if not token:
        return _drained(reading, until)
    settled = reading.goal - OVERLAP
    if (
        kept.pages == 1
        and not reading.protocol.steady
        and not reading.redo
        and kept.start + SHORTEST <= settled < kept.until
    ):
        return _fresh(reading, kept.start, settled)  # this machine's clock is ahead of the source's
    mark = blake2b(token.encode(), digest_size=16).digest()
    if mark == reading.mark or token == kept.token:
        return _looped(reading, f"the link to the next page came twice within {kept.pages} pages")
    if reading.blank > BLANK:
        return _looped(reading, f"{BLANK} pages one after the other had no record")
    if kept.pages >= PAGES:
        return _looped(reading, f"a range has more than {PAGES} pages")
    if kept.pages >= reading.marked:
        reading = replace(reading, mark=mark, marked=2 * kept.pages)
    return replace(reading, kept=replace(kept, token=token))


def worn_out(reading: Reading) -> Reading:
    """The source does not take its token any more: begin the range anew. Unavailable if that does not help."""
    return _again(reading, "the source does not take the links to next pages that it gave")


def unreadable(reading: Reading) -> tuple[Reading, bool]:
    """A page cannot be read, however often it is asked for: what to ask instead, and whether something is left out by that.

    Smaller pages first, then shorter ranges; of what is shortest the rest is left out, and asked for again by the next sync.
    Corrupt if there is no way around it: then nothing of the range counts as read.
    """
    kept = reading.kept
    if reading.size + 1 < len(reading.protocol.sizes):
        return replace(reading, size=reading.size + 1), False
    if not reading.protocol.bounded:
        raise Corrupt("the source answers with what is none of its pages, and offers no way around it: tell its owner")
    if kept.until - kept.start > SHORTEST:
        return _cut(reading), False
    pair = (kept.start, kept.until)
    torn = (*(one for one in kept.torn if one != pair), pair)
    if len(torn) > TORN:
        raise Corrupt(f"more than {TORN} ranges of time cannot be read from the source: tell its owner")
    return _next(replace(reading, kept=replace(kept, torn=torn)), min(kept.until - 1, reading.goal - OVERLAP)), True


def _open(reading: Reading) -> Reading:
    """Open the next range: one that could not be read earlier, or the one after the last."""
    kept, redo = reading.kept, bool(reading.torn)
    if redo:
        start, until = reading.torn[0]
        reading = replace(reading, torn=reading.torn[1:])
    else:
        start = reading.next_start
        until = max(reading.goal, start + SHORTEST)
        settled = reading.goal - OVERLAP
        if not reading.protocol.steady and settled - start >= SHORTEST:
            until = (
                settled  # here entries only go while it is read; what also gets new ones is read again by the next sync
            )
        if kept.step and reading.protocol.bounded:
            until = min(until, start + max(kept.step, SHORTEST))
    return _fresh(replace(reading, redo=redo, passes=1, restarts=0), start, until)


def _fresh(reading: Reading, start: int, until: int, before: int = -1) -> Reading:
    """A pass over a range, from its beginning."""
    kept = replace(
        reading.kept, start=start, until=until, token="", pages=0, records=0, before=before,
        reach=0 if before < 0 else reading.kept.reach,
    )  # fmt: skip
    return replace(reading, kept=kept, mark=b"", marked=1, blank=0, size=0)


def _drained(reading: Reading, until: int) -> Reading:
    """A pass is over; so is the range, unless its pages may have moved while it was read."""
    kept, steady = reading.kept, reading.protocol.steady
    if not steady and kept.pages > 1 and kept.records != kept.before:
        if reading.passes < PASSES:
            return _fresh(replace(reading, passes=reading.passes + 1), kept.start, kept.until, kept.records)
        if kept.until - kept.start > SHORTEST:
            return _cut(reading)
        raise Unavailable(
            f"the source changes while it is read: {PASSES} passes over {SHORTEST} s differ; sync again later"
        )
    here = (kept.start, kept.until)
    reading = replace(reading, kept=replace(kept, torn=tuple(one for one in kept.torn if one != here)))
    return _next(reading, kept.reach if not until or reading.protocol.bounded else min(kept.reach, until - OVERLAP))


def _next(reading: Reading, reach: int) -> Reading:
    """A range is over, and everything up to `reach` with it."""
    kept = reading.kept
    if reading.redo:
        return _open(reading)
    step = 2 * kept.step if kept.pages <= 1 else kept.step
    kept = replace(kept, since=max(kept.since, reach), step=0 if step > reading.goal else step)
    start = min(kept.since, kept.until - 1) if reading.resumed else kept.until - 1
    if kept.until >= reading.goal and not reading.torn:
        closed = replace(kept, start=0, until=0, token="", reach=0, pages=0, records=0, before=-1, step=0)
        return replace(reading, kept=closed, done=True)
    return _open(replace(reading, kept=kept, next_start=start, resumed=False, loops=0))


def _looped(reading: Reading, why: str) -> Reading:
    if reading.loops >= LOOPS:
        raise Corrupt(f"the source goes round in circles: {why}; tell its owner")
    return _again(replace(reading, loops=reading.loops + 1), f"the source goes round in circles: {why}")


def _again(reading: Reading, why: str) -> Reading:
    """Begin the range anew; from the second time on a shorter one, if there is one."""
    kept = reading.kept
    if reading.restarts and reading.protocol.bounded and kept.until - kept.start > SHORTEST:
        return _cut(reading)
    if reading.restarts >= RESTARTS:
        raise Unavailable(
            f"{why}; the range was begun {RESTARTS + 1} times: sync again later, or tell the source's owner"
        )
    return _fresh(replace(reading, restarts=reading.restarts + 1), kept.start, kept.until)


def _cut(reading: Reading) -> Reading:
    """Read a shorter range from the same start; the rest follows."""
    kept = reading.kept
    length = max(SHORTEST, (kept.until - kept.start) // CUT)
    reading = replace(reading, kept=replace(kept, step=length), passes=1, restarts=1)
    return _fresh(reading, kept.start, kept.start + length)
