"""What tests of cases start from: a rule book of a hotline at home in AA, evidence, a host, and a case that is led through events."""

from typing import Any

from msgspec.structs import replace

from contracts.cases import Case, CaseState, Decision, Evidence, Presence, Target
from contracts.notices import FIRST
from contracts.removal import Notices, Operator, Rechecks
from notices.case import step
from notices.events import Accepted, Checked, Command, Composed, Decided, Event, LookedUp, Opened, Tell, Tick
from notices.rules import Load, Rules, Switches

HOUR = 3600.0
DAY = 24 * HOUR
START = 1_000_000.0
HOST = "email:abuse@host.example"
PAGES = "email:abuse@pages.example"
HOTLINE = "email:hotline@partner.example"

EXACT = Evidence(
    1, near=False, algorithm="sha256", standing="verified", legality="baseline", category="A1", notify=True
)
NEAR = Evidence(2, near=True, algorithm="pdq", distance=8, standing="verified", legality="baseline", notify=True)
UNVERIFIED = Evidence(3, near=False, algorithm="sha256", legality="baseline", notify=True)

ON = Switches(sending=True, auto=True)


def rules(
    switches: Switches = ON,
    load: Load = Load(),  # noqa: B008
    country: str = "AA",
    routes: list[str] | None = None,
    **settings: Any,
) -> Rules:
    """Rules by which everything is switched on; keywords are settings of notices."""
    return Rules(
        notices=Notices(**settings),
        rechecks=Rechecks(routes=routes or []),
        operator=Operator("The hotline", country, "By law", "a@hotline.example", "appeal@hotline.example"),
        switches=switches,
        load=load,
    )


def word(
    person: str,
    decision: str = "release",
    basis: str = "assessed-in-hotline-tool",
    at: float = START + 2,
    entry: int = 2,
    why: str = "seen",
    account: int = 0,
    round_: int = 0,
) -> Decided:
    return Decided(Decision(person, account, decision, basis, at, why, round_, entry))


def target(recipient: str = HOST, klass: str = "host", place: bytes = b"") -> Target:
    return Target(recipient, klass, place, country="AA" if place else "")


class Course:
    """A case on its way. `said` are the commands of the last event, `all` those of all."""

    def __init__(self, *evidence: Evidence, by: Rules | None = None, targets: tuple[Target, ...] = (target(),)) -> None:
        self.rules = by or rules()
        self.now = START
        self.targets = targets
        self.country = "AA"
        self.case = Case(7, b"p" * 32, b"s" * 32, CaseState.FOUND, START)
        self.said: tuple[Command, ...] = ()
        self.all: list[Command] = []
        self.do(Opened(evidence or (EXACT,), START))

    def do(self, event: Event) -> tuple[Command, ...]:
        """An event, which is told twice: the second time it changes nothing."""
        self.case, self.said = step(self.case, event, self.now, self.rules)
        again, _ = step(self.case, event, self.now, self.rules)
        assert again == self.case
        self.all += self.said
        return self.said

    def wait(self, seconds: float) -> tuple[Command, ...]:
        self.now += seconds
        return self.do(Tick())

    def check(self, presence: Presence = Presence.PRESENT, after: float = 1.0, **more: Any) -> tuple[Command, ...]:
        """An answer, `after` so many seconds; present by the same digest if nothing else is said."""
        self.now += after
        more.setdefault("same", presence is Presence.PRESENT)
        return self.do(Checked(presence, self.now, **more))

    def look_up(self, *targets: Target, country: str | None = None, why: str = "") -> tuple[Command, ...]:
        self.now += 1
        found = targets or (() if why else self.targets)
        return self.do(LookedUp(found, self.country if country is None else country, self.now, why))

    def confirmed(self) -> "Course":
        """Re-checked and looked up."""
        self.check()
        self.look_up()
        return self

    def tell(self, after: float = 1.0) -> list[Tell]:
        """Carry out all that it wishes to tell now: composed, and accepted."""
        self.now += after
        self.do(Tick())
        tells = self.tells
        for one in tells:
            self.do(Composed(one.kind, one.recipient, (one.place,), self.now))
        for one in tells:
            self.do(Accepted(one.recipient, one.place, self.now, one.kind))
        return tells

    def notified(self) -> "Course":
        self.confirmed()
        assert [one.kind for one in self.tell()] == [FIRST]
        assert self.state() is CaseState.NOTIFIED
        return self

    def gone(self) -> "Course":
        self.check(Presence.ABSENT, HOUR)
        self.check(Presence.ABSENT, DAY)
        assert self.state() is CaseState.GONE
        return self

    @property
    def tells(self) -> list[Tell]:
        return [one for one in self.said if isinstance(one, Tell)]

    def kinds(self, kind: type) -> list[Any]:
        return [one for one in self.said if isinstance(one, kind)]

    def flag(self, name: str) -> bool:
        return bool(getattr(self.case, name))

    def state(self) -> CaseState:
        return self.case.state

    def changed(self, **fields: Any) -> Evidence:
        """The leading evidence with other facts."""
        lead = next(one for one in self.case.evidence if one.entry_id == self.case.entry_id)
        return replace(lead, **fields)
