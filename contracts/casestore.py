"""The store of cases as the notices service uses it: rows, and a unit of work that is one transaction (docs/design.md, rule 3).

Whatever becomes of a case goes one way: lock it, let `notices.case` decide, write it with its version counted up, commit; only
then is anything sent or acked. What is to be done later (a re-check, a look-up, a notice) is a row that is written with it.
Rows are in `contracts.caserows`; times are unix seconds.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from contracts.caserows import (
    Asked,
    Braked,
    Change,
    Due,
    Line,
    Locked,
    Medium,
    NewCase,
    NoticeRow,
    Pair,
    Sighted,
    StopRow,
    Task,
    Tell,
    Waiting,
)
from contracts.cases import Evidence
from contracts.messages import FrameDigest
from contracts.recipients import Recipient


class CaseWork(Protocol):
    """One transaction. Cases are opened before others are locked, and each set in one order, so that nobody waits in a circle."""

    async def numbers(self, pairs: Sequence[Pair]) -> dict[Pair, int]:
        """The numbers of those cases that there are."""

    async def open(self, cases: Sequence[NewCase]) -> dict[Pair, int]:
        """The numbers of these cases, opened where there are none yet."""

    async def lock(self, case_ids: Sequence[int], *, skip: bool = False) -> dict[int, Locked]:
        """These cases, locked; unknown ones are missing, and with `skip` those that somebody else has locked."""

    async def read(self, case_ids: Sequence[int]) -> dict[int, Locked]:
        """The same, not locked: only to be looked at."""

    async def lock_of_media(self, sha256s: Sequence[bytes]) -> dict[int, Locked]:
        """All cases of these media, locked."""

    async def write(self, changes: Sequence[Change], at: float) -> None:
        """Keep what became of locked cases, each once in a work."""

    async def lines(self, lines: Sequence[Line]) -> None:
        """Add to histories."""

    async def explained(self, pairs: Sequence[tuple[int, int]], at: float) -> None:
        """(case, entry): these entries are evidence of these cases."""

    async def evidence(self, sha256s: Sequence[bytes]) -> dict[bytes, tuple[Evidence, ...]]:
        """The entries that explain these media as they stand now, the strongest first."""

    async def media(self, pairs: Sequence[Pair]) -> dict[Pair, Medium]:
        """What is known of these media at these places."""

    # -- what is due later

    async def later(self, tasks: Sequence[Task]) -> None:
        """Do these at their times; one that waits already stays, and is done at the earlier time."""

    async def put_off(self, task: Task) -> None:
        """Do this at that time and not before; its tries are kept."""

    async def extend(self, task: Task) -> None:
        """Put it off, if it waits still."""

    async def set_ticks(self, at: Mapping[int, float]) -> None:
        """When time alone may change something of these cases next; 0.0: never."""

    async def tick_all(self, states: Sequence[str], at: float, after: int, limit: int) -> int:
        """The next cases behind that number in these states are looked at then: rules have changed. The last one's number; 0: none."""

    async def due_tasks(self, name: str, now: float, limit: int) -> list[Task]:
        """Tasks that are due and that nobody else has locked. Their rows stay, locked."""

    async def due_ticks(self, now: float, limit: int) -> list[int]:
        """Cases whose tick is due; their rows are not locked, since whoever has a case may write its tick."""

    async def task_done(self, task: Task) -> None:
        """It was done."""

    async def tell(self, case_ids: Sequence[int], tells: Sequence[Tell]) -> None:
        """These are all that wait to be told of these cases; since when they wait stays."""

    async def waiting_tells(self, by: float, told_before: float, recipients: int, most: int) -> list[Tell]:
        """Who waits to be told, of the recipients of whom somebody is due `by` then or so many (`most`) wait, and who were last told
        before that: those that are due first, twice `most` of each. Nobody while another process composes; else it is our turn
        until the work ends."""

    # -- re-checks

    async def set_rechecks(self, dues: Sequence[Due]) -> None:
        """When these cases are looked at next."""

    async def due_rechecks(self, now: float, per_host: int, limit: int) -> list[Asked]:
        """Re-checks that are due, now marked as asked for with a ticket each; no more than `per_host` are out at a host. Nothing while
        another process asks."""

    async def late_rechecks(self, now: float, patience: float, limit: int) -> list[Asked]:
        """Those that were asked for so long ago; they are asked for again, by the same tickets."""

    async def ticketed(self, tickets: Sequence[bytes]) -> dict[bytes, Asked]:
        """Whose re-checks were asked for by these tickets; others are missing."""

    async def answered(self, case_ids: Sequence[int]) -> None:
        """Their answers are dealt with: tickets are void, and as many may be asked for at their hosts. Said before `set_rechecks`."""

    async def free_rechecks(self, per_host: int) -> int:
        """Let go what waits at hosts where there is room again; how many. To be done now and then."""

    async def covers(self, after: bytes, limit: int) -> list[Sighted]:
        """Some places without any match, from a point among all media on: 32 bytes by chance."""

    async def keep_answer(self, waiting: Waiting) -> None:
        """Keep an answer until the hasher has its say."""

    async def kept_answers(self, since: float, limit: int) -> list[Waiting]:
        """Kept answers whose other medium the hasher has stored, or that came before `since`; locked, nobody else's."""

    async def drop_answer(self, ticket: bytes) -> None:
        """A kept answer was dealt with."""

    async def shown(self, host: bytes, sha256: bytes, case_id: int) -> int:
        """A host shows this instead of the case's medium; at how many of its cases it did."""

    async def shown_at(self, host: bytes, sha256: bytes) -> int:
        """At how many of its cases a host showed this instead."""

    async def matched(self, sha256: bytes) -> bool | None:
        """Whether a medium matches any entry that counts; None while the hasher has not stored it."""

    async def frames(self, sha256: bytes) -> tuple[FrameDigest, ...]:
        """The frames of a stored medium."""

    # -- places to which media moved

    async def add_move(self, place: bytes, case_id: int, at: float) -> None:
        """The medium of a case moved to this place."""

    async def moves_to(self, places: Sequence[bytes]) -> dict[bytes, list[int]]:
        """The cases whose media moved to these places."""

    async def moved(self, moves: Mapping[bytes, Sequence[int]]) -> None:
        """These need not be known any more. Said with the cases locked."""

    async def case_at(self, place: bytes) -> int:
        """The newest case at a place that is not closed, 0 for none."""

    # -- recipients, notices

    async def keep_recipients(self, recipients: Sequence[Recipient], now: float) -> None:
        """Keep who can be told."""

    async def recipients(self, keys: Sequence[str]) -> dict[str, tuple[Recipient, float]]:
        """Recipients by key, with when the last notice to them was made."""

    async def add_notice(self, notice: NoticeRow) -> int:
        """Put a notice into the outbox; its number. The tells that it answers are gone, its recipient was told now."""

    async def told_of(self, entry_ids: Sequence[int], recipient: str, now: float) -> None:
        """A notice about these entries was made to a recipient: the brakes count it."""

    async def take_notice(self, now: float, retry_at: float) -> NoticeRow | None:
        """The next notice that is due, marked as being sent, due again at `retry_at` if nobody says what became of it."""

    async def lock_notice(self, notice_id: int) -> NoticeRow | None:
        """This notice, locked."""

    async def set_notice(self, notice: NoticeRow) -> None:
        """Keep state, tries, next time, times and what was said."""

    async def last_notice(self, case_id: int, recipient: str) -> NoticeRow | None:
        """The last notice of this case that this recipient accepted, or that was written; not locked: notices are before cases."""

    async def braked(self, entry_ids: Sequence[int]) -> dict[int, Braked]:
        """What the brakes count of entries."""

    async def made_since(self, since: float) -> int:
        """Notices made since then, aside from retractions and what never left."""

    async def stops(self, subjects: Sequence[bytes], now: float) -> list[StopRow]:
        """What authorities ask for now of any of these."""

    async def stops_mark(self) -> tuple[int, int]:
        """Changes whenever an authority's word is added or ended."""

    async def switches(self) -> dict[str, str]:
        """What is switched."""

    # -- what changed besides

    async def cursor(self, name: str) -> int:
        """How far something was done; nobody else moves it until the work ends. 0 before the first time."""

    async def set_cursor(self, name: str, value: int) -> None:
        """It was done so far."""

    async def seqs(self) -> tuple[int, int]:
        """Number of the last change of entries, and up to which everything stored was matched and guarded."""

    async def note_changed(self, after: int, until: int) -> None:
        """Cases of the entries that were changed in after+1..until are to be looked at again."""

    async def changed_media(self, limit: int) -> list[bytes]:
        """Media of cases whose verdicts or entries have changed; they are forgotten with this work."""


class CaseVault(Protocol):
    """Where cases are kept."""

    def work(self) -> AbstractAsyncContextManager[CaseWork]:
        """A transaction: committed at its end, undone if an error leaves it. Unavailable if the vault does not answer."""

    async def void_leases(self, now: float) -> None:
        """Nobody is at anything: what was being done is due now, and what was asked for is asked for again. For who is alone."""

    async def figures(self, now: float) -> dict[str, float]:
        """What metrics show: "cases:STATE", "notices:STATE", "rechecks:due|asked|waiting|late", "lookups", "outbox_age",
        "recheck_age" (seconds)."""

    async def next_due(self, now: float, every: float, ahead: float) -> float:
        """When something is due next, of what the service waits for; inf if nothing is. A recipient is told once in `every` seconds,
        and `ahead` of time."""
