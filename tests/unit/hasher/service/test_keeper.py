"""hasher.service.keeper: the index is as new as the vault, whatever it begins from, and nothing makes a search wait."""

import asyncio
import gc
import logging
import random
import threading
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from contracts.errors import Corrupt, Unavailable
from contracts.snapshots import Mark, Parts
from contracts.vault import EntryDigests, Vault
from hasher.index.merge import Built, Plan
from hasher.service import keeper
from hasher.service.keeper import DAY, REST, Keeper

CHANCE = random.Random(5)


class FakeVault:
    """Entries with the number of their last change."""

    def __init__(self) -> None:
        self.changed: dict[int, tuple[int, EntryDigests]] = {}
        self.now = 0
        self.known: dict[bytes, int] = {}
        self.asked: list[int] = []

    def change(self, *entry_ids: int, live: bool = True) -> None:
        self.now += 1
        for entry_id in entry_ids:
            digests = (
                self.changed[entry_id][1].digests if entry_id in self.changed else (("pdq", CHANCE.randbytes(32)),)
            )
            self.changed[entry_id] = self.now, EntryDigests(entry_id, digests, live)

    def pdq(self, entry_id: int) -> bytes:
        return self.changed[entry_id][1].digests[0][1]

    async def seq(self) -> int:
        return self.now

    async def entries(self, after: int, until: int) -> AsyncIterator[list[EntryDigests]]:
        self.asked.append(after)
        some = sorted((seq, entry.entry_id, entry) for seq, entry in self.changed.values() if after < seq <= until)
        for start in range(0, len(some), 100):
            yield [entry for _, _, entry in some[start : start + 100]]

    async def snapshot_known(self, content: bytes, seq: int) -> bool:
        return self.known.get(content) == seq

    async def add_snapshot(self, content: bytes, seq: int, now: float) -> None:
        self.known[content] = seq


class FakeSnapshots:
    """One snapshot, in memory."""

    def __init__(self) -> None:
        self.there: tuple[Mark, Parts] | None = None
        self.broken = ""
        self.closed = 0

    def mark(self) -> Mark | None:
        return self.there[0] if self.there else None

    def open(self) -> tuple[Mark, Parts]:
        if self.broken:
            raise Corrupt(self.broken)
        assert self.there
        return self.there

    def write(self, mark: Mark, parts: Parts) -> None:
        if self.broken == "full":
            raise Unavailable("no room")
        self.there = mark, {name: array.copy() for name, array in parts.items()}

    def close(self) -> None:
        self.closed += 1


class Rig:
    def __init__(self) -> None:
        self.vault, self.snapshots, self.time = FakeVault(), FakeSnapshots(), 1000.0

    def keeper(self, snapshots: bool = True) -> Keeper:
        return Keeper(cast(Vault, self.vault), 31, self.snapshots if snapshots else None, lambda: self.time)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def knows(kept: Keeper, vault: FakeVault, entry_id: int) -> bool:
    return entry_id in {hit.entry_id for hit in kept.index.near([vault.pdq(entry_id)])}


async def test_changes_are_taken_over_and_counted(rig: Rig) -> None:
    rig.vault.change(*range(250))
    kept = rig.keeper()
    await kept.start()
    assert (len(kept.index), kept.index.seq, kept.changes) == (250, 1, 250)
    rig.vault.change(7, 8, live=False)
    rig.vault.change(300)
    assert await kept.load() == 3 and await kept.load() == 0
    assert not knows(kept, rig.vault, 7) and knows(kept, rig.vault, 9) and knows(kept, rig.vault, 300)
    assert rig.vault.asked == [0, 1]  # who is up to date asks for the number only
    assert 0 <= kept.age < 60


async def test_the_next_start_is_from_the_snapshot_and_what_changed_since(rig: Rig) -> None:
    rig.vault.change(*range(50))
    first = rig.keeper()
    await first.start()
    await first.save()
    assert rig.snapshots.there and rig.snapshots.there[0].seq == 1
    rig.vault.change(3, live=False)
    rig.vault.change(60)
    second = rig.keeper()
    await second.start()
    assert rig.vault.asked == [0, 1] and len(second.index) == 50 == second.index.seq + 47
    assert not knows(second, rig.vault, 3) and knows(second, rig.vault, 60) and knows(second, rig.vault, 4)
    await second.stop()
    assert rig.snapshots.there[0].seq == 1  # there was one


@pytest.mark.parametrize("fault", ["damaged", "radius", "unknown", "ahead"])
async def test_a_snapshot_that_is_none_is_passed_over_and_made_anew(
    rig: Rig, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    rig.vault.change(*range(25))
    rig.vault.change(*range(25, 50))
    first = rig.keeper()
    await first.start()
    await first.save()
    assert rig.snapshots.there
    if fault == "damaged":
        rig.snapshots.broken = "it is damaged"
    elif fault == "radius":
        parts = dict(rig.snapshots.there[1])
        parts["about"] = parts["about"] * 0
        rig.snapshots.there = rig.snapshots.there[0], parts
    elif fault == "unknown":
        rig.vault.known.clear()  # a backup from before the snapshot was restored, and there were changes since
        rig.vault.change(1, live=False)
    else:
        rig.vault.now = 0
        rig.vault.changed = {}
    rig.vault.change(70)
    second = rig.keeper()
    with caplog.at_level(logging.WARNING):
        await second.start()
    assert "the snapshot of the index " in caplog.text and "00" * 8 not in caplog.text
    assert rig.vault.asked[-1] == 0 and knows(second, rig.vault, 70)
    rig.snapshots.broken = ""
    before = rig.snapshots.there
    await second.save()
    assert rig.snapshots.there is not before and rig.snapshots.there[0].seq == rig.vault.now
    third = rig.keeper()
    await third.start()
    assert len(third.index) == len(second.index)


async def test_a_vault_that_is_put_back_under_a_running_hasher(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.vault.change(1)
    rig.vault.change(2)
    kept = rig.keeper(snapshots=False)
    await kept.start()
    lost = rig.vault.pdq(2)
    del rig.vault.changed[2]
    rig.vault.now = 1
    await kept.load()
    assert "made anew" in caplog.text and kept.index.seq == 1
    assert knows(kept, rig.vault, 1) and kept.index.near([lost]) == []


async def test_when_a_snapshot_is_written(rig: Rig) -> None:
    kept = rig.keeper()
    await kept.start()
    await kept.save()
    assert rig.snapshots.there is None  # of nothing
    rig.vault.change(*range(1000))
    await kept.load()
    written = []

    async def after(seconds: float, *changes: int) -> bool:
        rig.time += seconds
        if changes:
            rig.vault.change(*changes)
        await kept.load()
        await kept.save()
        written.append(rig.snapshots.mark())
        return len(written) < 2 or written[-1] != written[-2]

    await after(0)
    assert written[0] is not None
    assert not await after(10 * DAY)  # nothing has changed
    assert await after(1, 5)  # a day has passed
    assert not await after(REST + 1, *range(50))  # 5 % of 1,000
    assert await after(0, 50)
    assert not await after(REST - 1, *range(500))
    assert await after(2)


async def test_one_of_another_process_is_as_good_as_ours(rig: Rig) -> None:
    rig.vault.change(*range(100))
    ours, other = rig.keeper(), rig.keeper()
    await ours.start()
    await other.start()
    await other.save()
    theirs = rig.snapshots.mark()
    await ours.save()
    assert rig.snapshots.mark() == theirs


async def test_stopping_leaves_one_if_there_is_none(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    await rig.keeper().stop()
    assert rig.snapshots.there is None and rig.snapshots.closed == 1
    rig.vault.change(1)
    kept = rig.keeper()
    await kept.start()
    rig.snapshots.broken = "full"
    await kept.stop()
    assert "cannot be written: no room" in caplog.text and rig.snapshots.closed == 2
    rig.snapshots.broken = ""
    again = rig.keeper()
    await again.start()
    await again.stop()
    assert rig.snapshots.mark() is not None


class SlowPlan:
    """A merge that does not end before it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.go, plain = threading.Event(), threading.Event(), Plan.build

        def build(plan: Plan) -> Built:
            self.begun.set()
            assert self.go.wait(60)
            return plain(plan)

        monkeypatch.setattr(Plan, "build", build)


# Issue 5: "additions and removals visible to every hasher in under a second ... without a rebuild pause"
async def test_changes_count_while_a_merge_or_a_snapshot_goes_on(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.vault.change(*range(10_000))
    kept = rig.keeper()
    slow = SlowPlan(monkeypatch)
    loading = asyncio.create_task(kept.start())
    assert await asyncio.to_thread(slow.begun.wait, 60)
    slow.go.set()
    await loading
    slow.go.clear()
    slow.begun.clear()
    rig.vault.change(10_001)
    await kept.load()
    saving = asyncio.create_task(kept.save())
    assert await asyncio.to_thread(slow.begun.wait, 60)
    rig.vault.change(20_000)
    rig.vault.change(5, live=False)
    assert await kept.load() == 2
    assert knows(kept, rig.vault, 20_000) and not knows(kept, rig.vault, 5) and knows(kept, rig.vault, 6)
    slow.go.set()
    await saving
    assert rig.snapshots.there and rig.snapshots.there[0].seq == 2
    assert knows(kept, rig.vault, 20_000) and not knows(kept, rig.vault, 5)
    again = rig.keeper()
    await again.start()
    assert rig.vault.asked[-1] == 2 and len(again.index) == len(kept.index)
    assert knows(again, rig.vault, 20_000) and not knows(again, rig.vault, 5)


async def test_a_merge_that_fails_is_not_passed_over(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(_: Plan) -> Built:
        raise MemoryError

    monkeypatch.setattr(Plan, "build", build)
    rig.vault.change(*range(10_000))
    with pytest.raises(MemoryError):
        await rig.keeper().start()


# Issue 5: "memory flat over 10,000 updates"
async def test_memory_is_flat_over_ten_thousand_updates(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hasher.index.index.FULL", 256)
    rig.vault.change(*range(2000))
    kept = rig.keeper(snapshots=False)
    await kept.start()

    async def update(times: int) -> None:
        for number in range(times):
            rig.vault.change(number % 2000, live=number % 3 != 0)
            if number % 25 == 24:
                await kept.load()

    await update(6000)  # tables of every size have been merged
    gc.collect()
    tracemalloc.start()
    try:
        await update(2000)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        await update(10_000)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 1 << 20  # all of it is a few hundred KiB


async def test_loads_at_once_are_one_after_the_other(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "AT_ONCE", 7)
    kept = rig.keeper(snapshots=False)
    await kept.start()

    async def changing() -> None:
        for number in range(0, 600, 3):
            rig.vault.change(number, number + 1, number + 2)
            await asyncio.sleep(0)

    async def loading() -> Any:
        for _ in range(40):
            await kept.load()

    await asyncio.gather(changing(), loading(), loading())
    await kept.load()
    assert len(kept.index) == 600 and kept.index.seq == rig.vault.now
