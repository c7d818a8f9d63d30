"""What the acts of the desk are given: where cases are kept and changed, who writes things down, what opens places."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from msgspec import Struct

from contracts.casedesk import CaseStore, Trail
from contracts.cases import Case
from contracts.desk import Person
from contracts.errors import UsageError
from contracts.lists import Opinion
from contracts.people import ACCOUNT, Identity
from contracts.removal import Operator
from contracts.seal import Keys, Opener, opener
from notices.desk.handoff import Tool
from notices.events import Event


class Denied(UsageError):
    """This role may not do that."""


class Changes(Protocol):
    """What becomes of cases: one case's change is one transaction (`notices.service`)."""

    async def apply(self, case_id: int, event: Event) -> Case:
        """Let this happen to a case; the case as it then is. UsageError if there is none."""


class Opinions(Protocol):
    """What organisations say of entries (`contracts.desk.ListDesk`)."""

    async def say(self, entry_id: int, opinion: Opinion, person: Person, now: float) -> str:
        """Keep an organisation's opinion; the entry's standing after it."""


HandOver = Callable[[Tool, str, bytes], Awaitable[str]]
"""(tool, file's name, file) -> where it went. UsageError or Unavailable if it did not."""


class Office(Struct, frozen=True):
    """All that acts need. `accounts` finds the person of an account by its name, None if there is none that serves; `tool` is None
    where no assessment tool is set up."""

    store: CaseStore
    cases: Changes
    opinions: Opinions
    trail: Trail
    keys: Keys
    hand_over: HandOver
    accounts: Callable[[str], Awaitable[Identity | None]]
    operator: Operator
    tool: Tool | None = None

    @property
    def opener(self) -> Opener:
        """What opens places."""
        return opener(self.keys)


def person(who: Identity) -> Person:
    """Somebody, as acts that take two people know them."""
    return Person(who.name, who.account, ACCOUNT)


def said(text: str, what: str = "--why") -> str:
    """What somebody gives as a reason. UsageError if it says nothing."""
    plain = " ".join(text.split())
    if not plain:
        raise UsageError(f"{what}: say in 1 to 500 characters why; it is written down")
    return plain
