"""What people do with known lists: who asks, what they are shown of entries, and the port for it (domain, section 1)."""

from typing import Final, Protocol

from msgspec import Struct

from contracts.lists import ListSource, Opinion

WITHIN: Final = 7 * 86_400.0
EXPORT_WITHIN: Final = 86_400.0
"""Seconds within which a second person must ask for the same act: any, or an export."""


class Person(Struct, frozen=True):
    """Who asks for something, as the operating system knows them."""

    name: str
    uid: int = 0
    machine: str = ""


class EntryView(Struct, frozen=True):
    """An entry for people: never its note. `series_id` is blind. `name` is its lasting name, member/id."""

    entry_id: int
    name: str
    lists: list[str]
    kinds: list[str]
    standing: str
    held: str
    category: str
    legality: str
    act: str
    age: str
    generated: bool
    size: int
    series_id: bytes
    digests: list[tuple[str, bytes]]
    opinions: list[Opinion]


class Asked(Struct, frozen=True):
    """What became of an act that takes two people: done, or waiting for another person to ask for the same."""

    done: bool
    by: list[str]


class Happened(Struct, frozen=True):
    """A line of an entry's history: what became of it, or who said what. `why` is a list's name for `listed`."""

    at: float
    what: str
    organisation: str
    person: str
    why: str


class Proposal(Struct, frozen=True):
    """What people here said of an entry, for its sources: a verdict of `VERDICTS`, or `variant` for an entry of our own.
    `number` rises; `organisation` is empty for ourselves."""

    number: int
    entry_id: int
    name: str
    lists: list[str]
    what: str
    organisation: str
    why: str
    at: float


class ListDesk(Protocol):
    """What people do with lists and entries. `ref` is an entry's number, its name (member/id) or a digest in hex.

    Who acts is written down with the time. Acts that take two people are done when a second one asks for the same.
    """

    async def add(self, source: ListSource, person: Person, now: float) -> Asked:
        """Add a list. One that is to be trusted or may lead to notices is unverified, without notices, until two have asked."""

    async def resolve(self, ref: str) -> list[EntryView]:
        """The entries that are meant; a digest may be that of several. Empty: none."""

    async def entries(self, name: str, after: int, limit: int) -> list[EntryView]:
        """A page of a list's entries with a number above `after`."""

    async def held(self, after: int, limit: int) -> list[EntryView]:
        """A page of the held entries of all lists."""

    async def say(self, entry_id: int, opinion: Opinion, person: Person, now: float) -> str:
        """Keep an organisation's opinion; the entry's standing after it."""

    async def withdraw(self, entry_id: int, why: str, person: Person, now: float) -> str:
        """Withdraw an entry for us; its standing after it. Open matches that it caused are closed."""

    async def release(self, entry_id: int, why: str, person: Person, now: float) -> Asked:
        """Release a held entry: takes two people."""

    async def release_list(self, name: str, reason: str, why: str, person: Person, now: float) -> Asked:
        """Release all entries of a list that are held for this reason: takes two people."""

    async def history(self, entry_id: int) -> list[Happened]:
        """What became of an entry and who said what, by time."""

    async def proposals(self, after: int, limit: int) -> list[Proposal]:
        """A page of what the sources should hear of, with a number above `after`."""

    async def may_export(self, name: str, why: str, person: Person, now: float) -> Asked:
        """Whether a list may be exported: its source must allow it, and two people must have asked within `EXPORT_WITHIN`."""
