"""Sightings on their way to the hasher: the bad one is set aside, the rest goes on; where all fail, none is to blame."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from backends.memory.log import MemoryLog
from contracts.errors import Unavailable
from contracts.messages import DigestRecord, Match, OutcomeBatch
from contracts.seal import HasherKeys
from contracts.settings import Matching, Settings
from contracts.topics import DIGESTS, MATCHES
from crawlctl.roles.hashing import LISTS_EVERY, SYSTEMATIC, TOGETHER, emit, hashing, snapshots
from crawlctl.roles.taker import Taker
from tests.unit.crawlctl.roles.logs import sighting, until


class Service:
    """Handles sightings but for some numbers, by which it breaks."""

    def __init__(self, bad: set[int] = set()) -> None:  # noqa: B006
        self.bad = bad
        self.handled: list[int] = []
        self.batches: list[int] = []

    async def handle(self, records: Sequence[DigestRecord]) -> None:
        numbers = [int.from_bytes(record.sha256, "big") for record in records]
        self.batches.append(len(numbers))
        if self.bad & set(numbers):
            raise ZeroDivisionError("secret.test")
        self.handled += numbers


def start(service: Service) -> tuple[MemoryLog, Taker, asyncio.Task[None]]:
    bus, given = MemoryLog(), service
    handed: Any = given
    taker = hashing(bus, handed)
    return bus, taker, asyncio.create_task(taker.run())


async def end(taker: Taker, task: asyncio.Task[None]) -> None:
    taker.stop()
    await task


async def test_a_sighting_that_breaks_the_service_is_parked_and_the_rest_goes_on() -> None:
    service = Service({3, 5})
    bus, taker, task = start(service)
    await bus.send(DIGESTS, 0, [sighting(number) for number in range(7)])
    assert service.handled == [0, 1, 2, 4, 6]
    assert [record.offset for record, _ in bus.parked] == [3, 5]
    (why,) = {why for _, why in bus.parked}
    assert why.startswith("ZeroDivisionError in tests.") and "secret" not in why
    await end(taker, task)


async def test_what_is_no_sighting_is_parked() -> None:
    service = Service()
    bus, taker, task = start(service)
    await bus.send(DIGESTS, 0, [sighting(1), OutcomeBatch([], [])])
    assert service.handled == [1]
    assert [why for _, why in bus.parked] == ["a OutcomeBatch is no sighting"]
    await end(taker, task)


async def test_where_all_fail_nothing_is_parked_and_all_is_handled_later() -> None:
    service = Service(set(range(SYSTEMATIC)))
    bus, taker, task = start(service)
    acked = asyncio.ensure_future(bus.send(DIGESTS, 0, [sighting(number) for number in range(SYSTEMATIC)]))
    await until(lambda: taker.waits_for)
    assert taker.waits_for.startswith(f"{SYSTEMATIC} sightings in a row fail, by a fault of ours: ZeroDivisionError in")
    service.bad = set()
    await acked
    assert sorted(service.handled) == list(range(SYSTEMATIC)) and not bus.parked
    await end(taker, task)


async def test_many_are_handed_over_in_parts() -> None:
    service = Service()
    taker = hashing(MemoryLog(), service)  # type: ignore[arg-type]
    from contracts.ports import Record

    await taker._handle([Record(DIGESTS, 0, 0, sighting(number)) for number in range(TOGETHER + 1)])
    assert service.batches == [TOGETHER, 1]


async def test_matches_are_acked_before_they_count_as_emitted() -> None:
    bus = MemoryLog()
    match = Match(bytes(32), bytes(32), b"sealed", 1, "md5", 0, 0, False, 0.0)
    emitted = asyncio.create_task(emit(bus, [match]))
    consumer = bus.assign({(MATCHES, 0): 0})
    (record,) = await consumer.poll(10, 5.0)
    assert record.message == match and not emitted.done()
    await consumer.commit({(MATCHES, 0): 1})
    await emitted


async def test_a_log_that_is_away_is_said() -> None:
    class Away(MemoryLog):
        def send(self, *_: object) -> Any:
            raise Unavailable("away")

    match = Match(bytes(32), bytes(32), b"sealed", 1, "md5", 0, 0, False, 0.0)
    try:
        await emit(Away(), [match])
    except Unavailable:
        return
    raise AssertionError("nobody was told")


# Issue 5: "visible to every hasher in under a second": a look takes some milliseconds where nothing has changed.
def test_changes_of_lists_are_looked_for_often_enough() -> None:
    assert LISTS_EVERY <= 0.25


def test_where_the_snapshot_of_the_index_lies(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    given = Settings(matching=Matching(snapshots=str(tmp_path / "given")))
    keys = HasherKeys(b"k" * 32)
    assert snapshots(Settings(), None, keys) is None is snapshots(Settings(), None, None)
    assert caplog.text == ""
    assert snapshots(given, None, None) is None
    assert "names no hasher.keys" in caplog.text
    for settings, folder, name in (
        (given, None, "given"),
        (given, tmp_path, "given"),
        (Settings(), tmp_path / "own", "own"),
    ):
        file = snapshots(settings, folder, keys)
        assert file is not None and file.mark() is None
        (tmp_path / name).write_bytes(b"")  # in the place of the folder
        with pytest.raises(Exception, match=name):
            file.mark()
        (tmp_path / name).unlink()
