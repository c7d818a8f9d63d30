"""One way for whatever happens to cases: locked, decided by `notices.case`, written with all that follows, in one transaction.

What is to be done later becomes rows here (re-checks, look-ups, who waits to be told, verdicts of people), so that whoever dies
after the commit loses nothing, and whoever dies before it has done nothing.
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from contracts.caserows import CONFIRM, LOOK_UP, REFUSE, Change, Due, Line, Locked, StopRow, Task, Tell
from contracts.cases import Case, CaseState, Stop
from contracts.casestore import CaseVault, CaseWork
from contracts.errors import UsageError
from contracts.notices import RETRACTION
from contracts.options import DAY
from contracts.ports import Clock
from contracts.removal import Notices, Operator, Rechecks
from notices import events
from notices.brakes import DAILY
from notices.case import step
from notices.holds import owes
from notices.routes import Routes
from notices.rules import EntryLoad, Load, Rules, Switches
from notices.service.sealed import CaseKeys, Places
from notices.telling import wakes_at

log = logging.getLogger(__name__)

Opens = Callable[[str, int], Awaitable[None]]
"""(act, places): so many places are opened together by the service. A line of the audit, written before anything of them leaves this
process; Unavailable if it cannot be."""
ON: Final = "on"
FOLDER: Final = "folder"
ALERTS: Final = (
    "stays", "unverifiable", "brake_entry", "brake_day", "route_police", "bounced", "appeal", "retraction_stopped", "verdict",
    "notice_held", "notice_refused", "notice_failed",
)  # fmt: skip
"""Why people must look: those of `notices.case`, and of the service itself."""
LOOSENS: Final = 600.0
"""Seconds after which it is looked whether the day's brake has loosened, or an authority lets a retraction go."""
QUIET: Final = 60.0
"""Seconds between two lines of the log about one reason."""


class Limits(Struct, frozen=True):
    """Settings and tables by which cases are decided."""

    notices: Notices
    rechecks: Rechecks
    operator: Operator
    routes: Routes


class Happens(Struct, frozen=True):
    """What happens to one case, in its order. `also`: lines of its history besides those of the rules; `sealed`: what is now known of
    its places."""

    events: tuple[events.Event, ...]
    also: tuple[Line, ...] = ()
    sealed: bytes | None = None


class Stepped(Struct, frozen=True):
    """A case after it, still locked, and what it wishes now."""

    locked: Locked
    tells: tuple[events.Tell, ...]
    retracts: tuple[events.Retract, ...]

    @property
    def case(self) -> Case:
        """The case as it is now."""
        return self.locked.case


async def _unopened(act: str, places: int) -> None:
    """For whoever changes cases and opens none."""


class Cases:
    """Changes of cases. `alerts` counts what people must look at, by reason."""

    def __init__(
        self, vault: CaseVault, keys: CaseKeys, limits: Limits, clock: Clock, opens: Opens = _unopened
    ) -> None:
        self.vault, self.keys, self.limits, self.clock, self.opens = vault, keys, limits, clock, opens
        self.alerts: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self._unsaid: Counter[str] = Counter()
        self._said_at: dict[str, float] = {}

    async def apply(self, case_id: int, event: events.Event) -> Case:
        """Let this happen to a case; the case as it then is. UsageError if there is none."""
        now = self.clock()
        async with self.vault.work() as work:
            locked = await work.lock([case_id])
            if not locked:
                raise UsageError(f"there is no case {case_id}; `crawlctl cases ls` lists them")
            stepped = await self.step(work, locked, {case_id: Happens((event,))}, now)
        return stepped[case_id].case

    def open(self, locked: Locked) -> Places:
        """URL, address and pages of a case; `Corrupt` if its key is gone."""
        return self.keys.open(locked)

    async def step(
        self, work: CaseWork, locked: Mapping[int, Locked], happens: Mapping[int, Happens], now: float
    ) -> dict[int, Stepped]:
        """Let things happen to locked cases, in the caller's transaction; what became of them. What authorities ask for is looked up
        first."""
        if not happens:
            return {}
        stops = await self._stops(work, [locked[case_id] for case_id in happens], now)
        rules = await self.rules(work, _entries(locked, happens), now)
        made: dict[int, tuple[Case, list[events.Command]]] = {}
        for case_id, what in happens.items():
            case, commands = locked[case_id].case, list[events.Command]()
            if stops[case_id] != case.stops:
                case, commands = _onto(case, commands, events.StopsChanged(stops[case_id], now), now, rules)
            for event in what.events:
                case, commands = _onto(case, commands, event, now, rules)
            made[case_id] = case, commands
        changes = {n: Change(locked[n], case, happens[n].sealed) for n, (case, _) in made.items()}
        await work.write([change for change in changes.values() if _news(change)], now)
        await self._follow(work, locked, happens, made, now, rules)
        return {
            n: Stepped(
                _after(changes[n]),
                tuple(one for one in commands if isinstance(one, events.Tell)),
                tuple(one for one in commands if isinstance(one, events.Retract)),
            )
            for n, (_, commands) in made.items()
        }

    async def current(self, work: CaseWork, locked: Locked, now: float) -> Case:
        """A case with what authorities ask for now; nothing is written."""
        return replace(locked.case, stops=(await self._stops(work, [locked], now))[locked.case.case_id])

    async def rules(self, work: CaseWork, entry_ids: Iterable[int], now: float) -> Rules:
        """All that deciding asks besides the case, as it stands now."""
        limits, switched = self.limits, await work.switches()
        dry = limits.notices.sender == FOLDER
        switches = Switches(
            sending=dry or switched.get("sending") == ON,
            auto=limits.notices.auto and (dry or switched.get("auto") == ON),
        )
        counted = await work.braked(sorted(set(entry_ids)))
        load = Load(
            await work.made_since(now - DAY),
            {n: EntryLoad(one.first_at, one.recipients) for n, one in counted.items()},
        )
        return Rules(limits.notices, limits.rechecks, limits.operator, switches, limits.routes, load, dry)

    async def _stops(self, work: CaseWork, locked: Sequence[Locked], now: float) -> dict[int, tuple[Stop, ...]]:
        subjects = {one.case.case_id: _subjects(one) for one in locked}
        rows = await work.stops(sorted({subject for some in subjects.values() for _, subject in some}), now)
        return {
            n: tuple(_stop(row) for row in rows if (row.scope, row.subject) in some) for n, some in subjects.items()
        }

    async def _follow(
        self,
        work: CaseWork,
        locked: Mapping[int, Locked],
        happens: Mapping[int, Happens],
        made: Mapping[int, tuple[Case, list[events.Command]]],
        now: float,
        rules: Rules,
    ) -> None:
        """Rows for all that follows."""
        lines, dues, tells, tasks = list[Line](), list[Due](), list[Tell](), list[Task]()
        ticks: dict[int, float] = {}
        alerts: Counter[str] = Counter()
        for n, (case, commands) in made.items():
            lines += happens[n].also
            for command in commands:
                match command:
                    case events.Check():
                        dues = [due for due in dues if due.case_id != n]
                        dues.append(Due(n, locked[n].host, command.at, command.route))
                    case events.LookUp():
                        tasks.append(Task(n, LOOK_UP, now))
                    case events.Tell():
                        tells.append(Tell(n, command.place, command.kind, command.recipient, command.by_when, now))
                    case events.Retract():
                        tells.append(Tell(n, b"", RETRACTION, command.recipient, command.by_when, now))
                    case events.Confirm():
                        tasks.append(Task(n, CONFIRM, now, entry_id=command.entry_id))
                    case events.Refuse():
                        tasks.append(Task(n, REFUSE, now, entry_id=command.entry_id))
                    case events.Note():
                        lines.append(self._line(locked[n], command, now))
                    case events.Alert():
                        alerts[command.reason] += 1
            ticks[n] = _wakes(case, now, rules)
        await work.lines(lines)
        await work.set_rechecks(dues)
        await work.tell(sorted(made), tells)
        await work.later(list({(task.case_id, task.task, task.entry_id): task for task in tasks}.values()))
        await work.set_ticks(ticks)
        self._tell_people(alerts, now)

    def _line(self, locked: Locked, note: events.Note, now: float) -> Line:
        """Reasons of rules are shown as they are; a person's words may hold a name, and are sealed."""
        if not note.person:
            return Line(locked.case.case_id, now, note.what, why=note.why)
        return Line(locked.case.case_id, now, note.what, note.person, sealed=self.keys.seal(locked, note.why))

    def _tell_people(self, reasons: Counter[str], now: float) -> None:
        """Count, and say each reason at most once a minute, for all cases since."""
        self.alerts.update(reasons)
        self._unsaid.update(reasons)
        for reason in reasons:
            if now >= self._said_at.get(reason, 0.0) + QUIET:
                self._said_at[reason] = now
                log.warning(
                    "people are needed: %d more, %s; `crawlctl cases ls` lists the cases that wait",
                    self._unsaid.pop(reason),
                    reason,
                )


def _onto(
    case: Case, commands: list[events.Command], event: events.Event, now: float, rules: Rules
) -> tuple[Case, list[events.Command]]:
    """One event more. Wishes are those of the last event: whatever a case wished before is dropped."""
    after, more = step(case, event, now, rules)
    kept = [one for one in commands if not isinstance(one, (events.Tell, events.Retract))]
    return after, [*kept, *more]


def _news(change: Change) -> bool:
    return change.case != change.locked.case or change.sealed is not None


def _after(change: Change) -> Locked:
    """As it is locked after it was written."""
    old = change.locked
    sealed = old.sealed if change.sealed is None else change.sealed
    return replace(old, case=change.case, version=old.version + _news(change), sealed=sealed)


def _entries(locked: Mapping[int, Locked], happens: Mapping[int, Happens]) -> set[int]:
    """Entries whose brakes are asked about."""
    found = {one.entry_id for case_id in happens for one in locked[case_id].case.evidence}
    for what in happens.values():
        for event in what.events:
            if isinstance(event, (events.Opened, events.Matched, events.EvidenceChanged)):
                found |= {one.entry_id for one in event.evidence}
    return found


def _subjects(locked: Locked) -> set[tuple[str, bytes]]:
    """What an authority may have named to stop this case."""
    case = locked.case
    found = {("site", locked.site), ("case", str(case.case_id).encode())}
    found |= {("recipient", target.recipient.encode("utf-8", "replace")) for target in case.targets if target.recipient}
    return found | {("entry", str(one.entry_id).encode()) for one in case.evidence}


def _stop(row: StopRow) -> Stop:
    named = row.subject.decode("utf-8", "replace") if row.scope in ("recipient", "entry") else ""
    return Stop(row.scope, named, row.authority, row.until)


def _wakes(case: Case, now: float, rules: Rules) -> float:
    at = wakes_at(case, now, rules)
    if (case.state is CaseState.HELD and DAILY in case.why) or (owes(case) and case.stops):
        return min(at or now + LOOSENS, now + LOOSENS)
    return at
