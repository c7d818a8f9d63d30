"""backends.postgres.vault_entries: whatever lists and people do, the vault is what a small model says, and so is every index."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backends.postgres.vault_entries import once, record_of
from contracts.errors import UsageError
from contracts.guards import takes_back_too_much
from contracts.lists import (
    DELETING,
    FLOOD,
    KNOWN_GOOD,
    MATCH_RATE,
    MATCHED_KINDS,
    UNMAPPED,
    VERDICTS,
    ListSource,
    NewEntry,
    Opinion,
)
from contracts.settings import Lists
from contracts.standing import CARRIED, GOING, GOING_IN_MASS, GONE, US, Carrier, Known, Said, reasons, standing
from contracts.vault import EntryDigests
from tests.office import ANNA, BERT, NOW, Office, entry
from tests.office import office as at_office
from tests.postgres import Database, Server

SHARE = 0.4
LISTS = [
    ListSource("known"),
    ListSource("sure", trust="verified"),
    ListSource("IWF", uses=("match", "export")),
    ListSource("good", kind="known-good", uses=()),
    ListSource("adults", kind="ncii-adult", uses=("shield",)),
    ListSource("quiet", uses=("shield",)),
]
Key = tuple[str, str]
KEYS: list[Key] = [(member, name) for member in ("IWF", "NCMEC") for name in "123"]
DIGESTS = [("md5", bytes([n]) * 16) for n in range(1, 5)]


@dataclass
class Import:
    """An import of some batches into a list; it may fail before its end."""

    source: ListSource
    batches: list[list[NewEntry]]
    fails: bool


@dataclass
class Act:
    """What people or guards do with an entry."""

    what: str
    key: Key
    opinion: Opinion
    reason: str


@dataclass
class Thing:
    """An entry in the model."""

    member: str
    lists: dict[str, int] = field(default_factory=dict)
    digests: dict[tuple[str, bytes], set[str]] = field(default_factory=dict)
    said: dict[tuple[str, str], str] = field(default_factory=dict)
    holds: set[str] = field(default_factory=set)
    released: set[str] = field(default_factory=set)

    def known(self) -> Known:
        by = {source.name: source for source in LISTS}
        sure = {name for name, source in by.items() if source.trust == "verified"}
        return Known(
            self.member,
            tuple(Carrier(by[n].kind, n in sure, n == self.member, state) for n, state in self.lists.items()),
            tuple(Said(who, verdict, how in sure | {""}) for (who, how), verdict in self.said.items()),
            tuple(self.holds),
            any(not givers & sure for givers in self.digests.values()),
        )

    def state(self) -> tuple[str, str]:
        result = standing(self.known())
        return result, reasons(self.known())[0] if result == "held" else ""

    def live(self) -> bool:
        carried = [source for source in LISTS if self.lists.get(source.name) == CARRIED]
        may = any("match" in source.uses and source.kind in MATCHED_KINDS for source in carried)
        return may and self.state()[0] not in ("held", "withdrawn")

    def of_kind(self, *, good: bool) -> bool:
        return any(
            (source.kind == "known-good") is good for source in LISTS if self.lists.get(source.name, GONE) != GONE
        )


class Model:
    """What the vault should be."""

    def __init__(self) -> None:
        self.things: dict[Key, Thing] = {}

    def carried(self, name: str) -> int:
        return sum(thing.lists.get(name, GONE) != GONE for thing in self.things.values())

    def take(self, step: Import) -> None:
        name, before = step.source.name, self.carried(step.source.name)
        for batch in step.batches:
            for one in batch:
                self.hear(name, one)
            for one in batch:
                self.compare((one.member, one.member_entry_id))
        going = [thing for thing in self.things.values() if thing.lists.get(name) == GOING]
        if not step.fails:
            for thing in going:
                too_much = takes_back_too_much(len(going), before, SHARE)
                thing.lists[name] = GOING_IN_MASS if too_much else GONE

    def hear(self, name: str, one: NewEntry) -> None:
        key = one.member, one.member_entry_id
        if one.deleted:
            if key in self.things and self.things[key].lists.get(name) == CARRIED:
                self.things[key].lists[name] = GOING
            return
        thing = self.things.setdefault(key, Thing(one.member))
        if name in thing.lists and one.held != UNMAPPED:
            thing.holds.discard(UNMAPPED)
        thing.lists[name] = CARRIED
        for digest in one.digests:
            thing.digests.setdefault(digest, set()).add(name)
        thing.said = {by: verdict for by, verdict in thing.said.items() if by[1] != name}
        thing.said.update({(said.organisation, name): said.verdict for said in one.opinions if said.organisation != US})
        self.hold(key, one.held)

    def hold(self, key: Key, reason: str) -> None:
        if reason and reason not in self.things[key].released:
            self.things[key].holds.add(reason)

    def compare(self, key: Key) -> None:
        """Known-good against known is held, whichever came first."""
        if key not in self.things:
            return
        mine = self.things[key]
        for other, thing in self.things.items():
            if mine.digests.keys() & thing.digests.keys():
                for good, bad, which in ((mine, thing, other), (thing, mine, key)):
                    if good.of_kind(good=True) and bad.of_kind(good=False):
                        self.hold(which, KNOWN_GOOD)

    def release(self, key: Key) -> bool:
        """Whether that can be."""
        thing = self.things[key]
        held, ours = reasons(thing.known()), thing.said.get((US, "")) == "withdraw"
        if not (held or ours) or {DELETING, UNMAPPED} & {*held}:
            return False
        thing.released |= thing.holds
        thing.holds = set()
        thing.lists = {name: GONE if state == GOING_IN_MASS else state for name, state in thing.lists.items()}
        thing.said.pop((US, ""), None)
        return True

    def act(self, act: Act) -> bool:
        if act.what == "say":
            self.things[act.key].said[act.opinion.organisation, ""] = act.opinion.verdict
        elif act.what == "withdraw":
            self.things[act.key].said[US, ""] = "withdraw"
        elif act.what == "hold":
            self.hold(act.key, act.reason)
        else:
            return self.release(act.key)
        return True


class Mirror:
    """An index that learns of changes as hashers do."""

    def __init__(self) -> None:
        self.seq, self.entries = 0, dict[int, EntryDigests]()

    async def catch_up(self, office: Office) -> None:
        until = await office.seq()
        async for page in office.vault.entries(self.seq, until):
            self.entries.update((one.entry_id, one) for one in page)
        self.seq = until

    def live(self) -> dict[int, set[tuple[str, bytes]]]:
        return {number: set(one.digests) for number, one in self.entries.items() if one.live}


async def carry_out(office: Office, numbers: dict[Key, int], step: Import | Act) -> bool:
    if isinstance(step, Import):
        number = await office.begin(step.source)
        for batch in step.batches:
            await office.add(number, *batch)
        await office.lists.end_import(number, NOW, "it failed" if step.fails else "")
        return True
    entry_id = numbers[step.key]
    if step.what == "say":
        await office.desk.say(entry_id, step.opinion, ANNA, NOW)
    elif step.what == "withdraw":
        await office.desk.withdraw(entry_id, "why", ANNA, NOW)
    elif step.what == "hold":
        await office.hold([entry_id], step.reason)
    else:
        try:
            await office.desk.release(entry_id, "why", ANNA, NOW)
            assert (await office.desk.release(entry_id, "why", BERT, NOW)).done
        except UsageError:
            return False
    return True


async def equal(office: Office, model: Model, mirror: Mirror) -> dict[Key, int]:
    """The numbers of entries, once all is as the model says."""
    rows = await office.pool.fetch(
        "SELECT entry_id, name, member_entry_id, standing, held FROM entries JOIN members USING (member_id)"
    )
    numbers: dict[Key, int] = {(row[1], row[2]): row[0] for row in rows}
    assert {(row[1], row[2]): (row[3], row[4]) for row in rows} == {
        key: thing.state() for key, thing in model.things.items()
    }
    live = {numbers[key]: set(thing.digests) for key, thing in model.things.items() if thing.live()}
    assert await office.live() == live.keys()
    await mirror.catch_up(office)
    assert mirror.live() == live
    counted = {row[0]: row[1] for row in await office.pool.fetch("SELECT name, entries FROM list_sources")}
    assert counted == {name: model.carried(name) for name in counted}
    return numbers


async def played(database: Database, steps: Sequence[Import | Act]) -> None:
    async with at_office(database, settings=Lists(delete_share=SHARE)) as office:
        await office.trusted()
        model, mirror = Model(), Mirror()
        numbers: dict[Key, int] = {}
        for step in steps:
            if isinstance(step, Import):
                model.take(step)
                assert await carry_out(office, numbers, step)
            elif step.key in numbers:
                assert await carry_out(office, numbers, step) == model.act(step)
            numbers = await equal(office, model, mirror)


opinions = st.builds(Opinion, st.sampled_from(("IWF", "NCMEC", "INHOPE", US)), st.sampled_from(VERDICTS))
words = st.builds(
    lambda digests, deleted, said, held: {
        "digests": tuple(digests),
        "deleted": deleted,
        "opinions": tuple({one.organisation: one for one in said}.values()),
        "held": held,
    },
    st.lists(st.sampled_from(DIGESTS), min_size=1, max_size=2, unique=True),
    st.sampled_from((False, False, True)),
    st.lists(opinions, max_size=1),
    st.sampled_from(("", "", "", "featureless", UNMAPPED)),
)
batches = st.dictionaries(st.sampled_from(KEYS), words, max_size=5).map(
    lambda said: [NewEntry(member, name, **word) for (member, name), word in said.items()]
)
imports = st.builds(
    Import, st.sampled_from(LISTS), st.lists(batches, min_size=1, max_size=2), st.sampled_from((False, False, True))
)
acts = st.builds(
    Act,
    st.sampled_from(("say", "withdraw", "hold", "release", "release")),
    st.sampled_from(KEYS),
    opinions.filter(lambda one: one.organisation != US),
    st.sampled_from((FLOOD, MATCH_RATE)),
)


# Found by chance: a known-good copy of a known entry adds nothing that an index knows, and yet every index must learn of the holds.
@pytest.mark.timeout(60)
def test_a_known_good_copy_is_told(postgres_server: Server) -> None:
    known, good = LISTS[0], LISTS[3]
    steps = [Import(source, [[entry("1", DIGESTS[0])]], False) for source in (known, good)]
    with postgres_server.database("vault") as database:
        postgres_server.run(played(database, steps))


@pytest.mark.timeout(300)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(st.one_of(imports, imports, acts), min_size=1, max_size=14))
def test_the_vault_is_what_the_model_says(postgres_server: Server, steps: list[Import | Act]) -> None:
    with postgres_server.database("vault") as database:
        postgres_server.run(played(database, steps))


def test_the_last_of_a_batch_speaks_with_the_digests_of_all() -> None:
    a, b, c = DIGESTS[:3]
    rows = [entry("1", a, category="x"), entry("2", b), entry("1", c, a, category="y"), entry("2", c, deleted=True)]
    found = once(rows, {"IWF": 7})
    assert found == {(7, "1"): entry("1", a, c, category="y"), (7, "2"): entry("2", c, deleted=True)}


# Domain, section 1: "Opinions, holds and withdrawals belong to the entry and act on all its digests."
def test_what_holds_one_record_of_a_batch_holds_the_entry() -> None:
    a, b = DIGESTS[:2]
    rows = [
        entry("1", a, held="featureless"), entry("1", b), entry("2", a, held="unmapped"), entry("2", b, held="other_kind"),
        entry("3", a, held="featureless"), entry("3", b, held="unmapped"),
    ]  # fmt: skip
    found = once(rows, {"IWF": 7})
    assert [one.held for one in found.values()] == ["featureless", "other_kind", "featureless unmapped"]


def test_a_checksum_is_of_all_that_a_list_says_but_not_of_seals() -> None:
    plain = entry("1", DIGESTS[0])
    assert record_of(plain) == record_of(entry("2", DIGESTS[0], series_sealed=b"other", note_sealed=b"other"))
    others = [
        entry("1", DIGESTS[1]), entry("1", DIGESTS[0], category="x"), entry("1", DIGESTS[0], deleted=True),
        entry("1", DIGESTS[0], opinions=(Opinion("IWF", "dispute"),)), entry("1", DIGESTS[0], opaque=(("photodna", b"x"),)),
        entry("1", DIGESTS[0], generated=True), entry("1", DIGESTS[0], note_key=b"k"), entry("1", DIGESTS[0], size=1),
    ]  # fmt: skip
    assert len({record_of(one) for one in [plain, *others]}) == len(others) + 1
    assert all(-(1 << 63) <= record_of(one) < 1 << 63 for one in others)
