"""Random ways of a case, each step judged by the oracle (`tests.unit.notices.oracle`)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from contracts.cases import Case, CaseState, Decision, Evidence, Presence, Stop, Target
from contracts.notices import FIRST, RETRACTION
from notices import events as e
from notices.case import step
from notices.routes import Row
from notices.rules import EntryLoad, Load, Switches
from tests.unit.notices.courses import DAY, EXACT, HOST, HOTLINE, HOUR, NEAR, PAGES, START, UNVERIFIED, rules
from tests.unit.notices.oracle import Moment, forbidden, misled

Op = tuple[int, int, int, int]
"""(what, how, how, wait): numbers, so that a way is easily drawn and easily made shorter."""

WAITS: Final = (0.0, 1.0, 1.0, 1.0, 60.0, 60.0, 60.0, HOUR, HOUR, 7 * HOUR, DAY, 4 * DAY)
WHAT: Final = 30
PEOPLE: Final = ("Ann", "Bob", " ann", "Cid")
ENTRIES: Final = (
    EXACT,
    NEAR,
    UNVERIFIED,
    replace(EXACT, entry_id=4, notify=False),
    replace(EXACT, entry_id=5, kind="child-exploitative"),
    replace(NEAR, entry_id=6, kind="child-exploitative"),
)
FACTS: Final[tuple[dict[str, Any], ...]] = (
    *({},) * 10,
    {"standing": "withdrawn"},
    {"standing": "held"},
    {"standing": "disputed"},
    {"held": "known_good"},
    {"live": False},
    {"guarded": False},
    {"refused": True},
    {"confirmed": True},
    {"notify": False},
)
OTHERS: Final = frozenset(f"email:abuse@{number}.example" for number in range(5))
POLICE: Final = (Row("AA", "=", "*", "police"),)
RULES: Final = (
    rules(),
    rules(),
    rules(),
    rules(),
    rules(Switches(False, True)),
    rules(Switches(True, False)),
    rules(load=Load(notices=2000)),
    rules(load=Load(entries={number: EntryLoad(START, OTHERS) for number in range(1, 7)})),
    rules(country=""),
    replace(rules(), routes=POLICE),
    rules(routes=["tor=http://127.0.0.1:9"]),
)
TARGETS: Final = (
    (Target(HOST, "host"), Target(PAGES, "host", b"page", country="AA"), Target(HOTLINE, "partner")),
    (Target(HOST, "host"), Target(PAGES, "host", b"page", country="AA"), Target(HOTLINE, "partner")),
    (Target(HOST, "host"), Target(PAGES, "host", b"page", country="AA"), Target(HOTLINE, "partner")),
    (Target(HOST, "host"), Target(PAGES, "host", b"page", country="AA"), Target(HOTLINE, "partner")),
    (Target("webhook:proxy", "reverse-proxy"), Target("email:noc@network.example", "network")),
    (Target("email:me@site.example", "site-operator"),),
    (),
)
STOPS: Final = (
    *((),) * 6,
    (Stop("recipient", HOST, "police", START + 20 * DAY),),
    (Stop("site", "", "police", START + 9 * DAY),),
    (Stop("entry", "1", "police"), Stop("recipient", PAGES, "police")),
)
COUNTRIES: Final = ("AA", "AA", "AA", "AA", "AA", "AA", "BB", "BB", "")


def walk(ops: Sequence[Op]) -> list[str]:
    """Lead a case along; what the rules forbid and happened all the same, in words."""
    way = Way()
    for op in ops:
        way.go(op)
        if way.wrong:
            break
    return way.wrong


class Way:
    """A case on a random way."""

    def __init__(self) -> None:
        self.now = START
        self.rules = RULES[0]
        self.case = Case(7, b"p" * 32, b"s" * 32, CaseState.FOUND, START)
        self.history: list[Moment] = []
        self.wrong: list[str] = []
        self.tells: tuple[e.Tell, ...] = ()
        self.retracts: tuple[e.Retract, ...] = ()

    def go(self, op: Op) -> None:
        what, one, two, wait = op
        self.now += WAITS[wait % len(WAITS)]
        if not self.history:
            self.do(e.Opened((ENTRIES[one % len(ENTRIES)],), self.now))
        for event in self.events(what % WHAT, one, two):
            self.do(event)

    def events(self, what: int, one: int, two: int) -> Iterator[e.Event]:
        now, person = self.now, PEOPLE[one % len(PEOPLE)]
        entry = ENTRIES[two % len(ENTRIES)]
        match what:
            case 0 | 1 | 2:
                yield e.Checked(Presence.PRESENT, now, same=one % 5 > 0)
            case 3:
                yield e.Checked(Presence.ABSENT, now, ("direct", "tor")[one % 2])
            case 4:
                yield e.Checked((Presence.UNKNOWN, Presence.MOVED)[one % 2], now)
            case 5 | 6:
                yield e.LookedUp(TARGETS[one % len(TARGETS)], COUNTRIES[two % len(COUNTRIES)], now)
            case 7 | 8 | 9:
                bases = ("assessed-in-hotline-tool", "confirmed-by-list-owner", "metadata-only")
                decision = ("release", "release", "release", "hold", "dispute", "close")[two % 6]
                entry_id = self.case.entry_id if one < 12 else entry.entry_id
                yield e.Decided(Decision(person, 0, decision, bases[one % 3], now, "why", self.case.round, entry_id))
            case 10 | 11:
                by = ((person,), ("Ann", "Bob"), ("Ann", " ann"))[two % 3]
                yield e.Released(by, self.case.entry_id if one < 12 else entry.entry_id, now)
            case 12 | 13 | 14 | 24 | 25:
                yield from self.carry(one)
            case 15:
                yield e.Matched((entry,), now)
            case 16:
                yield e.EvidenceChanged(tuple(self.facts(one, two)), now)
            case 17:
                yield e.StopsChanged(STOPS[one % len(STOPS)], now)
            case 18:
                yield e.HeldBy(person, "why", now) if two % 4 == 0 else e.Unheld(("Ann", person), now)
            case 19:
                yield e.Appealed(now) if two % 3 == 0 else e.AppealDecided(person, two % 9 == 8, "why", now)
            case 20:
                yield self.rare(one, two)
            case 21 | 26:
                self.rules = RULES[one % len(RULES)]
                yield e.Tick()
            case 22:
                self.case = msgspec.msgpack.decode(msgspec.msgpack.encode(self.case), type=Case)
                yield e.Tick()
            case 27 | 28:
                self.now += 3 * DAY
                yield e.Checked(Presence.PRESENT, self.now, same=True)
                yield from self.carry(one)
            case 29:
                yield from self.usual(one)
            case 23:
                yield self.history[one * 7 % len(self.history)].event

    def usual(self, one: int) -> Iterator[e.Event]:
        """All is as it mostly is: rules, country, recipients, nobody objects."""
        self.rules = RULES[0]
        yield e.StopsChanged((), self.now)
        yield e.Unheld(("Ann", "Bob"), self.now)
        yield e.LookedUp(TARGETS[0], "AA", self.now)
        yield e.Checked(Presence.PRESENT, self.now, same=True)
        yield from self.carry(one)

    def carry(self, one: int) -> Iterator[e.Event]:
        """What the service does with wishes: asks again, composes, and hears that they were taken."""
        yield e.Tick()
        for retract in self.retracts[: one % 3]:
            yield e.Composed(RETRACTION, retract.recipient, (b"",), self.now)
        tells = self.tells[: 1 + one % 3]
        for tell in tells:
            yield e.Composed(tell.kind, tell.recipient, (tell.place,), self.now)
        for tell in tells:
            yield e.Accepted(tell.recipient, tell.place, self.now, tell.kind)

    def facts(self, one: int, two: int) -> Iterator[Evidence]:
        for number, entry in enumerate(self.case.evidence):
            known = next(other for other in ENTRIES if other.entry_id == entry.entry_id)
            yield replace(known, **FACTS[(one + number * two) % len(FACTS)])

    def rare(self, one: int, two: int) -> e.Event:
        now, person = self.now, PEOPLE[two % len(PEOPLE)]
        classes = ("network", "registrar", "site-operator", "host")
        chosen = Target("email:noc@network.example", classes[two % 4])
        return (
            e.Cleared(person, "police", now),
            e.Directed(person, chosen, "why", now),
            e.Bounced(HOST, b"", now),
            e.Replied("removed", now),
            e.Succeeded(8, now),
            e.ClosedBy(person, "" if two % 4 else "why", now),
            e.RetractionFreed(("Ann", person), "why", now),
            e.LegalHold("why", now),
            self.recall(two),
        )[one % 9]

    def recall(self, two: int) -> e.Event:
        """What was made last and not taken is stopped in the outbox; or something else that was never made."""
        waits = [x for x in self.case.targets if x.sent_at and not x.told_at]
        if not waits or two % 4 == 0:
            return e.Recalled(FIRST, HOST, (b"",), self.now - 1, self.now)
        return e.Recalled(FIRST, waits[0].recipient, (waits[0].place,), waits[0].sent_at, self.now)

    def do(self, event: e.Event) -> None:
        before = self.case
        self.case, said = step(before, event, self.now, self.rules)
        ground = 0
        if isinstance(event, e.Composed):
            ground = next(
                (t.entry_id for t in self.tells if t.recipient == event.recipient and t.kind == event.kind), 0
            )
        self.tells = tuple(one for one in said if isinstance(one, e.Tell))
        self.retracts = tuple(one for one in said if isinstance(one, e.Retract))
        self.history.append(Moment(event, self.now, self.rules, before.state, self.case.state, self.tells, ground))
        self.wrong += [f"{tell}: {why}" for tell in self.tells for why in forbidden(self.history, tell)]
        self.wrong += misled(self.history, said)
        if step(self.case, event, self.now, self.rules)[0] != self.case:
            self.wrong.append(f"{event} told twice is not as told once")
