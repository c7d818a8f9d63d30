"""fetchers.service: what it takes, what it does not take, and what it says when it is broken; the rest is `test_crawl`."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from backends.memory.log import MemoryLog
from contracts.messages import Order, OrderKind, OutcomeBatch
from contracts.ports import Consumer, Record
from contracts.seal import Sealer, new_keys
from contracts.settings import Settings
from contracts.topics import ORDERS_MEDIA, ORDERS_PAGES, ORDERS_RECHECKS, OUTCOMES
from fetchers.service import WAITING_MOST, Fetcher
from tests.unit.fetchers.service.test_media import Counting
from tests.unit.fetchers.service.test_order import NOW, order

KEYS = new_keys()
PATIENCE = 5.0


def fetcher(bus: Any) -> Fetcher:
    nobody: Any = None
    return Fetcher(
        Settings(), bus, Counting(), Sealer(KEYS.public, KEYS.place_key), nobody, lambda: NOW, 1, None
    )  # fmt: skip


def late() -> Order:
    """An order that ends by itself."""
    return replace(order(0), start_by=NOW - 1.0)


@pytest.mark.parametrize("lane", [ORDERS_PAGES, ORDERS_MEDIA, ORDERS_RECHECKS])
async def test_no_order_is_taken_while_outcomes_cannot_be_sent(lane: str) -> None:
    """A log or a hasher that is away would fill our memory with what came of more and more orders."""
    bus = MemoryLog()
    made = fetcher(bus)
    made._boxes[lane].waiting += WAITING_MOST
    await made.start()
    bus.send(lane, 0, [late()])
    for _ in range(200):
        await asyncio.sleep(0)
    assert bus.lag(lane, 0) == 1
    made._boxes[lane].waiting -= WAITING_MOST
    made._boxes[lane]._eased()
    reader = bus.assign({(OUTCOMES, 0): 0})
    async with asyncio.timeout(PATIENCE):
        while not (ends := [end for batch in await committed(reader) for end in batch.ends]):
            assert made.failed() is None
    assert (bus.lag(lane, 0), ends[0].why) == (0, "too_late")
    await made.stop(0.0)


async def test_rechecks_are_taken_while_discovery_takes_all_there_is() -> None:
    """Slots of their own, an outbox of their own, and room for what they download."""
    bus = MemoryLog()
    made = fetcher(bus)
    for lane in (ORDERS_PAGES, ORDERS_MEDIA):
        made._boxes[lane].waiting += WAITING_MOST
    made.items.held = Settings().workers.buffers + 1
    await made.start()
    bus.send(ORDERS_MEDIA, 0, [late()])
    bus.send(ORDERS_RECHECKS, 0, [replace(late(), kind=OrderKind.RECHECKS)])
    reader = bus.assign({(OUTCOMES, 0): 0})
    async with asyncio.timeout(PATIENCE):
        while not [end for batch in await committed(reader) for end in batch.ends]:
            assert made.failed() is None
    assert (bus.lag(ORDERS_RECHECKS, 0), bus.lag(ORDERS_MEDIA, 0)) == (0, 1)
    for lane in (ORDERS_PAGES, ORDERS_MEDIA):
        made._boxes[lane].waiting -= WAITING_MOST
    await made.stop(0.0)


async def test_what_is_no_order_is_set_aside_and_holds_up_none() -> None:
    bus = MemoryLog()
    made = fetcher(bus)
    await made.start()
    bus.send(ORDERS_PAGES, 0, [OutcomeBatch([], [])])
    bus.send(ORDERS_PAGES, 0, [late()])
    reader = bus.assign({(OUTCOMES, 0): 0})
    async with asyncio.timeout(PATIENCE):
        while not await committed(reader) or not bus.parked:
            assert made.failed() is None
    assert [why for _, why in bus.parked] == ["a OutcomeBatch is no order"]
    await made.stop(0.0)


async def committed(reader: Consumer) -> list[OutcomeBatch]:
    records = await reader.poll(100, 0.01)
    await reader.commit({(record.topic, record.partition): record.offset + 1 for record in records})
    return [record.message for record in records if isinstance(record.message, OutcomeBatch)]


class Broken:
    """A consumer whose library fails in a way that nobody foresaw."""

    async def poll(self, limit: int, timeout: float) -> list[Record]:
        raise RuntimeError("unforeseen")

    async def close(self) -> None: ...


class BrokenLog(MemoryLog):
    def join(self, group: str, topics: Sequence[str]) -> Any:
        return Broken()


async def test_a_loop_that_ended_is_told() -> None:
    """Or else the crawl would go on for ever, with orders that all come back by their deadlines."""
    made = fetcher(BrokenLog())
    assert made.failed() is None
    await made.start()
    async with asyncio.timeout(PATIENCE):
        while made.failed() is None:
            await asyncio.sleep(0)
    assert str(made.failed()) == "unforeseen"
    await made.stop(0.0)
    await asyncio.gather(*made._takers, return_exceptions=True)
