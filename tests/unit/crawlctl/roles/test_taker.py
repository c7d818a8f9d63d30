"""A member of a group: handles, then commits; waits for services; leaves the group while it is held."""

import asyncio
from collections.abc import Sequence

from backends.memory.log import MemoryLog
from contracts.errors import Unavailable
from contracts.ports import Record
from contracts.topics import DIGESTS, HASHERS
from crawlctl.roles.taker import Taker
from tests.unit.crawlctl.roles.logs import sighting, until


class Handler:
    """Remembers what it was given; is away as often as it is told."""

    def __init__(self, away: int = 0) -> None:
        self.away = away
        self.given: list[list[int]] = []

    async def __call__(self, records: Sequence[Record]) -> None:
        self.given.append([record.offset for record in records])
        if self.away:
            self.away -= 1
            raise Unavailable("the database is away")


async def test_what_is_handled_is_committed() -> None:
    bus, handler = MemoryLog(), Handler()
    taker = Taker(bus, HASHERS, DIGESTS, handler)
    task = asyncio.create_task(taker.run())
    await bus.send(DIGESTS, 0, [sighting(1), sighting(2)])  # acked: committed
    assert handler.given == [[0, 1]]
    taker.stop()
    await task


async def test_a_service_that_is_away_is_waited_for_with_the_same_batch() -> None:
    bus, handler = MemoryLog(), Handler(away=2)
    taker = Taker(bus, HASHERS, DIGESTS, handler)
    task = asyncio.create_task(taker.run())
    acked = asyncio.ensure_future(bus.send(DIGESTS, 0, [sighting(1)]))
    await until(lambda: taker.waits_for)
    assert taker.busy and taker.waits_for == "the database is away"
    await acked
    assert handler.given == [[0], [0], [0]]
    await until(lambda: not taker.waits_for)
    taker.stop()
    await task
    assert not taker.busy


async def test_a_stop_leaves_what_waits_to_others() -> None:
    bus, handler = MemoryLog(), Handler(away=1_000_000)
    taker = Taker(bus, HASHERS, DIGESTS, handler)
    task = asyncio.create_task(taker.run())
    bus.send(DIGESTS, 0, [sighting(1)])
    await until(lambda: taker.waits_for)
    taker.stop()
    await task
    other = bus.join(HASHERS, [DIGESTS])
    assert [record.offset for record in await other.poll(10, 0.0)] == [0]


async def test_held_it_leaves_the_group_and_comes_back() -> None:
    bus, handler = MemoryLog(), Handler()
    taker = Taker(bus, HASHERS, DIGESTS, handler)
    taker.hold("the clock is wrong")
    task = asyncio.create_task(taker.run())
    other = bus.join(HASHERS, [DIGESTS])
    bus.send(DIGESTS, 0, [sighting(1)])
    assert [record.offset for record in await other.poll(10, 5.0)] == [0]
    await other.close()
    assert handler.given == []
    taker.hold("")
    await until(lambda: handler.given)
    taker.stop()
    await task
