"""hasher.exchange.reading: neither skips nor loops, whatever the source does."""

import contextlib
import random

import pytest

from contracts.errors import Corrupt, PisauraError, Unavailable
from hasher.exchange import reading as machine
from hasher.exchange.ncmec import NCMEC
from hasher.exchange.protocol import Protocol
from hasher.exchange.reading import BLANK, OVERLAP, SHORTEST, TORN, Reading
from hasher.exchange.stopncii import STOPNCII
from hasher.exchange.threatexchange import THREATEXCHANGE

ROOTS = {
    "ncmec": "https://hashsharing.ncmec.example/npo",
    "stopncii": "https://api.stopncii.example/v1",
    "threatexchange": "https://graph.facebook.example/v26.0/123",
}
NOW = 1_700_000_000
PROTOCOLS = (NCMEC, STOPNCII, THREATEXCHANGE)


def begun(protocol: Protocol, saved: bytes = b"", now: float = NOW) -> Reading:
    return machine.begin(protocol, ROOTS[protocol.name], saved, now)


def link(protocol: Protocol, token: object) -> str:
    if protocol is NCMEC:
        return f"/v2/entries?start={token}"
    return f"/threat_updates?after=after-{token}" if protocol is THREATEXCHANGE else f"after-{token}"


class World:
    """A source of records that change while they are read, and a vault that takes them; its clock is not the client's."""

    def __init__(self, protocol: Protocol, seed: int) -> None:
        self.protocol, self.chance = protocol, random.Random(f"{protocol.name} {seed}")
        self.now = NOW
        self.skew = self.chance.choice((0, 0, -3000, 5000))
        self.records: dict[int, tuple[int, int]] = {}  # number: (changed, version)
        self.vault: dict[int, int] = {}
        self.saved = b""
        self.epoch = 0
        for _ in range(60):
            self.change(span=80_000)

    def change(self, span: int = 300) -> None:
        """A record comes, late perhaps, or changes now."""
        if self.chance.random() < 0.5 or not self.records:
            self.records[len(self.records)] = (self.now - self.chance.randrange(span), 0)
        else:
            number = self.chance.choice(list(self.records))
            self.records[number] = (self.now, self.records[number][1] + 1)

    def page(self, reading: Reading) -> tuple[list[int], str]:
        """A page as the source makes it, and the link to the next one."""
        start, until, size = reading.kept.start, reading.kept.until, 7
        if not self.protocol.bounded:
            until = 1 << 40
        rows = [(changed, n) for n, (changed, _) in self.records.items() if start < changed <= until]
        if self.protocol is NCMEC:  # naive offsets, in no order of time
            rows.sort(key=lambda row: hash((row[1], 7)))
            at = int(reading.kept.token.rpartition("=")[2] or 0)
            return [n for _, n in rows[at : at + size]], link(NCMEC, at + size) if len(rows) > at + size else ""
        rows.sort()
        place = reading.kept.token.partition("-")[2]
        if place:
            changed, _, number = place.partition("-")
            rows = [row for row in rows if row > (int(changed), int(number))]
        following = link(self.protocol, f"{rows[size - 1][0]}-{rows[size - 1][1]}") if len(rows) > size else ""
        return [n for _, n in rows[:size]], following

    def sync(self, faults: bool) -> None:
        """One sync; with faults it may be cut off anywhere."""
        reading = begun(self.protocol, self.saved, self.now + self.skew)
        for _ in range(3000):
            if reading.done:
                return
            self.now += 1
            luck = self.chance.random() if faults else 1.0
            if luck < 0.05:
                return  # killed before anything was stored
            if luck < 0.15:
                for _ in range(self.chance.randrange(5)):
                    self.change()
            if luck < 0.2 and reading.kept.token:
                reading = machine.worn_out(reading)
            elif luck < 0.24:
                reading, _ = machine.unreadable(reading)
            else:
                numbers, following = self.page(reading)
                after = machine.took(reading, following, 0, len(numbers), self.now)
                self.vault.update({n: self.records[n][1] for n in numbers})
                self.saved = machine.saved(after)
                if luck < 0.3:
                    return  # killed after it was stored
                reading = after
        raise AssertionError("a sync without end")


@pytest.mark.parametrize("seed", range(120))
@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
def test_the_vault_ends_with_what_the_source_holds(protocol: Protocol, seed: int) -> None:
    world = World(protocol, seed)
    for _ in range(12):
        with contextlib.suppress(PisauraError):
            world.sync(faults=True)
        world.now += world.chance.randrange(400)
        world.change()
    world.now += 10_000  # the client may be 3,000 s behind
    world.sync(faults=False)
    assert world.vault == {number: version for number, (_, version) in world.records.items()}


def test_since_moves_with_a_drained_range_only() -> None:
    reading = begun(THREATEXCHANGE)
    for page in range(5):
        reading = machine.took(reading, link(THREATEXCHANGE, page), 0, 10, NOW)
        assert reading.kept.since == 0 and not reading.done
    reading = machine.took(reading, "", 0, 3, NOW)
    assert reading.done and reading.kept.since == NOW - OVERLAP and reading.kept.token == ""


def test_a_token_serves_its_own_range_in_the_next_process_too() -> None:
    reading = machine.took(begun(THREATEXCHANGE), link(THREATEXCHANGE, 1), 0, 10, NOW)
    later = begun(THREATEXCHANGE, machine.saved(reading), NOW + 9999)
    assert machine.request(later) == machine.request(reading)
    after = machine.took(later, "", 0, 1, NOW + 9999)
    assert not after.done and after.kept.start == after.kept.since == NOW - OVERLAP and after.kept.until == NOW + 9999


def test_the_clock_of_the_source_counts() -> None:
    """A machine that is an hour ahead must not believe that it has read the hour to come."""
    reading = machine.took(begun(STOPNCII, now=NOW + 3600), "", 0, 3, NOW)
    assert reading.done and reading.kept.since == NOW - OVERLAP


def test_the_source_may_say_that_it_is_further_behind() -> None:
    assert machine.took(begun(STOPNCII), "", NOW - 5000, 3, NOW).kept.since == NOW - 5000 - OVERLAP
    assert machine.took(begun(STOPNCII), "", NOW * 1000, 3, NOW).kept.since == NOW - OVERLAP


def test_pages_that_may_move_are_read_twice() -> None:
    reading = begun(NCMEC)
    reading = machine.took(reading, link(NCMEC, 1000), 0, 1000, NOW)
    reading = machine.took(reading, "", 0, 500, NOW)
    assert reading.kept.token == "" and reading.kept.before == 1500 and reading.kept.since == 0
    reading = machine.took(reading, link(NCMEC, 1000), 0, 1000, NOW)
    reading = machine.took(reading, "", 0, 499, NOW)
    assert reading.kept.before == 1499
    reading = machine.took(reading, link(NCMEC, 1000), 0, 1000, NOW)
    assert machine.took(reading, "", 0, 499, NOW).kept.since == NOW - OVERLAP - 1


def test_a_worn_out_token_begins_the_range_anew_then_a_shorter_one() -> None:
    reading = machine.took(begun(THREATEXCHANGE), link(THREATEXCHANGE, 1), 0, 10, NOW)
    first = machine.worn_out(reading)
    assert (first.kept.start, first.kept.until, first.kept.token) == (0, NOW, "")
    again = machine.worn_out(machine.took(first, link(THREATEXCHANGE, 2), 0, 10, NOW))
    assert (again.kept.start, again.kept.until) == (0, NOW // 4)


def test_a_source_without_end_of_range_cannot_wear_out_for_ever() -> None:
    reading = begun(STOPNCII)
    with pytest.raises(Unavailable, match="links to next pages"):
        for page in range(10):
            reading = machine.worn_out(machine.took(reading, str(page), 0, 1, NOW))


@pytest.mark.parametrize("length", [1, 2, 7])
@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
def test_tokens_that_come_back_end_with_an_error(protocol: Protocol, length: int) -> None:
    reading, page = begun(protocol), 0
    with pytest.raises(Corrupt, match="circles"):
        while page < 1000:
            reading = machine.took(reading, link(protocol, page % length), 0, 5, NOW)
            page += 1


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
def test_endless_tokens_without_records_end_with_an_error(protocol: Protocol) -> None:
    reading, page = begun(protocol), 0
    with pytest.raises(Corrupt, match="no record"):
        while page < 20 * BLANK:
            reading = machine.took(reading, link(protocol, page), 0, 0, NOW)
            page += 1


def test_endless_pages_end_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "PAGES", 50)
    reading, page = begun(STOPNCII), 0
    with pytest.raises(Corrupt, match="more than 50 pages"):
        while page < 1000:
            reading = machine.took(reading, str(page), 0, 5, NOW)
            page += 1


def test_an_unreadable_spot_is_left_out_and_asked_for_again() -> None:
    bad = NOW - 50_000
    reading, left = begun(THREATEXCHANGE), []
    for _ in range(500):
        if reading.done:
            break
        if reading.kept.start < bad <= reading.kept.until:
            before, (reading, out) = reading.kept, machine.unreadable(reading)
            left += [(before.start, before.until)] if out else []
        else:
            reading = machine.took(reading, "", 0, 1, NOW)
    assert reading.done and reading.kept.since == NOW - OVERLAP and left == list(reading.kept.torn)
    assert 1 <= len(left) <= 2 and all(start < bad <= until == start + SHORTEST for start, until in left)
    healed = begun(THREATEXCHANGE, machine.saved(reading), NOW + 60)
    assert (healed.kept.start, healed.kept.until) == left[0]
    while not healed.done:
        healed = machine.took(healed, "", 0, 1, NOW + 60)
    assert healed.kept.torn == () and healed.kept.since == NOW + 60 - OVERLAP


def test_too_many_unreadable_spots_end_with_an_error() -> None:
    reading = begun(THREATEXCHANGE)
    with pytest.raises(Corrupt, match=f"more than {TORN}"):
        while not reading.done:
            reading, _ = machine.unreadable(reading)


def test_smaller_pages_are_asked_for_where_a_range_has_no_end() -> None:
    reading = machine.took(begun(STOPNCII), "token", 0, 5, NOW)
    asked = []
    with pytest.raises(Corrupt, match="no way around"):
        while True:
            asked.append(machine.request(reading))
            reading, left_out = machine.unreadable(reading)
            assert not left_out and reading.kept.token == "token"
    assert [text.partition("pageSize=")[2].partition("&")[0] for text in asked] == ["800", "100", "10", "1"]
    assert "pageSize=800" in machine.request(machine.took(reading, "more", 0, 1, NOW))


def test_forgotten_deletions_are_noticed() -> None:
    saved = machine.saved(machine.took(begun(THREATEXCHANGE), "", 0, 1, NOW))
    assert machine.forgotten(begun(THREATEXCHANGE, saved, NOW + 50 * 86_400)) == 0
    assert machine.forgotten(begun(THREATEXCHANGE, saved, NOW + 100 * 86_400)) > 99 * 86_400
    assert machine.forgotten(begun(NCMEC, b"", NOW)) == 0


def test_a_clock_that_went_back_loses_nothing() -> None:
    reading = machine.took(begun(THREATEXCHANGE), "", 0, 1, NOW)
    early = begun(THREATEXCHANGE, machine.saved(reading), NOW - 90_000)
    assert early.kept.start < early.kept.until
    done = machine.took(early, "", 0, 1, NOW - 90_000)
    assert done.done and done.kept.since == reading.kept.since


def test_a_list_that_moved_is_read_from_the_beginning() -> None:
    saved = machine.saved(machine.took(begun(THREATEXCHANGE), "", 0, 1, NOW))
    elsewhere = machine.begin(THREATEXCHANGE, ROOTS["threatexchange"] + "4", saved, NOW)
    assert elsewhere.kept.since == elsewhere.kept.start == 0
