"""A desk in memory, as `contracts.desk.ListDesk` says."""

from collections.abc import Sequence

from msgspec.structs import replace

from contracts.desk import Asked, EntryView, Happened, Person, Proposal
from contracts.lists import ListSource, Opinion
from contracts.vault import EntryFacts

NOW = 1_700_000_000.0
ANN = Person("ann", 1001, "desk1")
BOB = Person("bob", 1002, "desk2")
SHARED = bytes.fromhex("5ab5" * 8)


def view(number: int, *digests: tuple[str, bytes], held: str = "", standing: str = "unverified") -> EntryView:
    """An entry of IWF on the list `iwf`."""
    return EntryView(
        number, f"IWF/{number}", ["iwf"], ["csam"], standing, held, "A1", "baseline", "A", "unknown", False, 0, b"", list(digests), []
    )  # fmt: skip


class FakeDesk:
    """Acts on entries that it was given; what takes two people is done when a second one asks."""

    def __init__(self, *entries: EntryView) -> None:
        self.kept = {entry.entry_id: entry for entry in entries}
        self.asked: dict[tuple[str, str], list[str]] = {}
        self.pages = 0

    async def add(self, source: ListSource, person: Person, now: float) -> Asked:
        trusted = source.trust == "verified" or "notify" in source.uses
        return self._ask("add", source.name, person) if trusted else Asked(True, [person.name])

    async def resolve(self, ref: str) -> list[EntryView]:
        if ref.isdigit() and len(ref) < 20:
            return [entry for entry in self.kept.values() if str(entry.entry_id) == ref]
        return [e for e in self.kept.values() if e.name == ref or ref in {digest.hex() for _, digest in e.digests}]

    async def entries(self, name: str, after: int, limit: int) -> list[EntryView]:
        self.pages += 1
        found = (self.kept[number] for number in sorted(self.kept) if number > after)
        return [entry for entry in found if name in entry.lists][:limit]

    async def held(self, after: int, limit: int) -> list[EntryView]:
        return [self.kept[number] for number in sorted(self.kept) if number > after and self.kept[number].held][:limit]

    async def say(self, entry_id: int, opinion: Opinion, person: Person, now: float) -> str:
        return self._becomes(
            entry_id, {"confirm": "verified", "dispute": "disputed", "withdraw": "withdrawn"}[opinion.verdict]
        )

    async def withdraw(self, entry_id: int, why: str, person: Person, now: float) -> str:
        return self._becomes(entry_id, "withdrawn")

    async def release(self, entry_id: int, why: str, person: Person, now: float) -> Asked:
        asked = self._ask("release", str(entry_id), person)
        if asked.done:
            self.kept[entry_id] = replace(self.kept[entry_id], held="")
        return asked

    async def release_list(self, name: str, reason: str, why: str, person: Person, now: float) -> Asked:
        return self._ask("release list", f"{name} {reason}", person)

    async def history(self, entry_id: int) -> list[Happened]:
        return []

    async def proposals(self, after: int, limit: int) -> list[Proposal]:
        return []

    async def may_export(self, name: str, why: str, person: Person, now: float) -> Asked:
        return self._ask("export", name, person)

    async def facts(self, entry_ids: Sequence[int]) -> dict[int, EntryFacts]:
        """As `contracts.vault.Vault`."""
        return {n: EntryFacts(n, not self.kept[n].held) for n in entry_ids if n in self.kept}

    def _becomes(self, entry_id: int, standing: str) -> str:
        self.kept[entry_id] = replace(self.kept[entry_id], standing=standing)
        return standing

    def _ask(self, act: str, subject: str, person: Person) -> Asked:
        by = self.asked.setdefault((act, subject), [])
        if person.name not in by:
            by.append(person.name)
        return Asked(len(by) > 1, list(by))
